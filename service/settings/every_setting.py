"""Every setting of the service, with its default and what it is for; what follows from several of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.settings.kinds import (
    Addresses,
    DatabaseAddress,
    FirstWriter,
    Folder,
    LogLevel,
    MailboxAddress,
    OneLine,
    OpeningHours,
    PhoneNumber,
    PhoneNumbers,
    PlaceOfFiles,
    PrivilegedSignIn,
    ReplyAddress,
    ScannerAddress,
    Stages,
    WebAddress,
)

DEMO_CALLER_ID = "+33199000000"
"""Shown to référents in demonstration: a number reserved for fiction (01 99 00)."""

DEMO_ACCOUNT_SID = "ACdemonstration"


class SettingsRefused(Exception):  # noqa: N818 - named as what happened, like every refusal here
    """Settings are wrong or missing; one French sentence each in `sentences`."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def _setting(default: Any, description: str, **more: Any) -> Any:
    return Field(default, description=description, **more)


class Settings(BaseSettings):
    """Every setting, with its default; the names in the environment are the same in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    demo: bool = _setting(False, "1 : démonstration (téléphone simulé, numéros de fiction acceptés, aucun opérateur).")
    host: str = _setting("127.0.0.1", "Adresse d’écoute ; 0.0.0.0 pour toutes les interfaces.")
    port: Annotated[int, Field(ge=1, le=65535)] = _setting(8000, "Port d’écoute.")
    voice_port: Annotated[int, Field(ge=0, le=65535)] = _setting(
        0, "Port d’écoute du téléphone seul, que les pages ne peuvent pas occuper (0 : PORT + 2, s’il est libre)."
    )
    voice_workers: Annotated[int, Field(ge=1, le=64)] = _setting(2, "Nombre de processus du téléphone seul.")
    public_url: WebAddress = _setting(
        "", "Adresse publique, telle que l’opérateur la voit (vide : http://127.0.0.1:PORT)."
    )
    var_dir: Folder = _setting(
        Path("var"), "Dossier des données : journal, annuaire en service, base SQLite, messages, pièces jointes."
    )
    audio_store: PlaceOfFiles = _setting(
        "folder",
        "Où sont messages, enregistrements et pièces jointes : folder (VAR_DIR) ou database (plusieurs machines).",
    )
    database_url: DatabaseAddress = _setting(
        "", "Adresse SQLAlchemy de la base (SQLite sous VAR_DIR par défaut).", repr=False
    )
    write_first: FirstWriter = _setting(
        "journal",
        "Où un appel est écrit d’abord : journal (disque local) ; database là où le disque est perdu à chaque mise en"
        " ligne.",
    )
    secret_key: SecretStr = _setting(
        SecretStr(""),
        "Clé secrète des sessions et des identifiants courts (en démonstration : tirée au sort, gardée sous VAR_DIR).",
    )
    referents_csv: Path = _setting(Path("referents.csv"), "Annuaire suivi tant qu’aucune version n’est publiée.")
    svi_number: PhoneNumber = _setting("+33806000156", "Numéro que composent les appelants.")
    caller_id: PhoneNumber = _setting(
        "", "Notre numéro, affiché sur le téléphone des référents (en démonstration : +33199000000)."
    )
    line_numbers: PhoneNumbers = _setting(
        "", "Tous les numéros qui mènent ici, séparés par des virgules ; SVI_NUMBER et CALLER_ID en sont toujours."
    )
    transit_numbers: PhoneNumbers = _setting(
        "", "Numéros qu’un opérateur présente à la place de celui de l’appelant, séparés par des virgules."
    )
    twilio_account_sid: str = _setting("", "Identifiant du compte chez l’opérateur.")
    twilio_auth_token: SecretStr = _setting(
        SecretStr(""), "Jeton de l’opérateur ; plusieurs, séparés par des virgules, pendant un changement."
    )
    twilio_api_url: WebAddress = _setting(
        "", "Adresse d’un moteur compatible ou d’un simulateur (vide : celle de l’opérateur)."
    )
    web_workers: Annotated[int, Field(ge=1, le=64)] = _setting(2, "Nombre de processus web.")
    web_threads: Annotated[int, Field(ge=1, le=64)] = _setting(4, "Nombre de fils par processus web.")
    proxy_hops: Annotated[int, Field(ge=0, le=5)] = _setting(
        0, "Nombre de relais (proxys) de confiance devant le service, qui disent l’adresse du visiteur."
    )
    engine_port: Annotated[int, Field(ge=0, le=65535)] = _setting(
        0, "Port local du téléphone simulé, en démonstration (0 : le suivant de PORT)."
    )
    speech: bool = _setting(True, "1 : les appelants peuvent dire leur département ; 0 : clavier seul.")
    mail_url: str = _setting(
        "", "Envoi des courriels : smtp://utilisateur:motdepasse@hôte:port, ou un dossier en démonstration.", repr=False
    )
    mail_from: str = _setting("SI SIAO <ne-pas-repondre@siao.example>", "Expéditeur des courriels.")
    mail_reply_to: str = _setting("", "Adresse de réponse des courriels.")
    alert_emails: Addresses = _setting(
        "",
        "Adresses qui reçoivent les alertes de fonctionnement, séparées par des virgules (vide : les comptes de "
        "l’équipe nationale et des administrateurs).",
    )
    memory_days: Annotated[int, Field(ge=0, le=365)] = _setting(
        90, "Jours pendant lesquels le dernier département d’un appelant est retenu (0 : jamais proposé)."
    )
    redial_calls: Annotated[int, Field(ge=3, le=1000)] = _setting(
        12, "Appels sans suite d’un même numéro, dans la fenêtre, à partir desquels il va droit au message d’absence."
    )
    redial_withheld_calls: Annotated[int, Field(ge=3, le=1000)] = _setting(
        15, "Appels masqués sans suite vers un même SIAO, dans la fenêtre, à partir desquels les suivants font de même."
    )
    redial_window_minutes: Annotated[int, Field(ge=1, le=1440)] = _setting(
        10, "Fenêtre, en minutes, où ces appels sont comptés."
    )
    redial_pause_minutes: Annotated[int, Field(ge=1, le=1440)] = _setting(
        15, "Durée, en minutes, pendant laquelle ces appels ne font plus sonner personne."
    )
    hunts_at_once: Annotated[int, Field(ge=2, le=1000)] = _setting(
        15, "Appels qui sonnent en même temps dans un même SIAO ; au-delà, l’appelant entend le message d’absence."
    )
    message_days: Annotated[int, Field(ge=1, le=30)] = _setting(
        30, "Jours au bout desquels un message vocal est effacé, ici et chez l’opérateur."
    )
    number_days: Annotated[int, Field(ge=31, le=365)] = _setting(
        90, "Jours au bout desquels le numéro d’un appelant est remplacé par une empreinte."
    )
    speech_days: Annotated[int, Field(ge=7, le=365)] = _setting(
        30, "Jours au bout desquels ce que l’appelant a dit ou tapé pendant un appel est effacé."
    )
    comment_days: Annotated[int, Field(ge=31, le=1825)] = _setting(
        365, "Jours au bout desquels le commentaire libre d’un appel est effacé."
    )
    call_days: Annotated[int, Field(ge=366, le=1825)] = _setting(
        730, "Jours au bout desquels il ne reste d’un appel que ce que comptent les chiffres."
    )
    request_days: Annotated[int, Field(ge=31, le=1825)] = _setting(
        730, "Jours, après sa clôture, au bout desquels une demande perd ses textes, ses fichiers et ses noms."
    )
    account_days: Annotated[int, Field(ge=31, le=1825)] = _setting(
        365, "Jours, après sa fermeture, au bout desquels un compte perd son nom, partout."
    )
    audit_days: Annotated[int, Field(ge=180, le=1095)] = _setting(
        365, "Jours pendant lesquels le journal des accès est gardé."
    )
    trace_days: Annotated[int, Field(ge=31, le=365)] = _setting(
        90, "Jours pendant lesquels les traces techniques sont gardées (courriels partis, alarmes, lignes illisibles)."
    )
    fallback_url: WebAddress = _setting(
        "", "Adresse de l’hébergement extérieur du secours statique (vide : adresses relatives)."
    )
    fallback_switch_url: WebAddress = _setting(
        "",
        "Adresse du document d’aiguillage du secours, chez l’opérateur (vide : FALLBACK_URL/aiguillage.xml).",
    )
    reconcile_lag_minutes: Annotated[int, Field(ge=0, le=1440)] = _setting(
        15, "Âge minimal, en minutes, d’un appel rapproché du relevé de l’opérateur."
    )
    facts_months: Annotated[int, Field(ge=2, le=240)] = _setting(
        24, "Mois pendant lesquels le détail d’un appel est gardé ; sa fiche et les chiffres restent."
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=720)] = _setting(
        30, "Minutes sans activité au bout desquelles une session de l’espace des référents se ferme."
    )
    privileged_sign_in: PrivilegedSignIn = _setting(
        "link",
        "Connexion de l’équipe nationale et de l’administration : link (lien seul), totp (lien, puis code d’une "
        "application) ou proconnect (ProConnect seul).",
    )
    workday_session_hours: Annotated[int, Field(ge=1, le=12)] = _setting(
        10, "Heures que dure une session sur un ordinateur que son référent a déclaré sien, même sans activité."
    )
    videos_url: WebAddress = _setting("", "Adresse des tutoriels vidéo, donnée dans la lettre de bienvenue.")
    training_url: WebAddress = _setting("", "Adresse de l’espace de formation, donnée dans la lettre de bienvenue.")
    knowledge_url: WebAddress = _setting(
        "https://basedeconnaissances.sisiao.dihal.gouv.fr/support/utiliser-le-si-siao",
        "Adresse de la base de connaissances, donnée dans la lettre de bienvenue et sur les pages.",
    )
    contact_email: str = _setting(
        "sisiao@dihal.gouv.fr", "Adresse de contact des pages légales et de /.well-known/security.txt."
    )
    relay_url: WebAddress = _setting(
        "", "Adresse du relais écrit pour les personnes sourdes ou malentendantes, sur les pages et dans les courriels."
    )
    relay_hours: OneLine = _setting(
        "", "Horaires de ce relais, en toutes lettres, par exemple « du lundi au vendredi, 9 h – 18 h »."
    )
    national_hours: OpeningHours = _setting(
        "lun-ven 09:00-12:00 14:00-17:00",
        "Horaires de l’équipe nationale (heure de Paris), écrits comme dans l’annuaire : délais des demandes.",
    )
    form_hourly_address: Annotated[int, Field(ge=1, le=1000)] = _setting(
        5, "Formulaires acceptés en une heure pour une même adresse électronique."
    )
    form_hourly_network: Annotated[int, Field(ge=1, le=10_000)] = _setting(
        40, "Formulaires acceptés en une heure depuis une même adresse réseau (un SIAO n’en a souvent qu’une)."
    )
    request_link_days: Annotated[int, Field(ge=1, le=365)] = _setting(
        90, "Jours pendant lesquels le lien de suivi d’une demande s’ouvre."
    )
    clamd_url: ScannerAddress = _setting(
        "", "Antivirus des pièces jointes : unix:///chemin/clamd.ctl ou tcp://hôte:3310 (vide : non analysées)."
    )
    imap_url: MailboxAddress = _setting(
        "", "Boîte où les réponses sont lues : imaps://utilisateur:motdepasse@hôte:port/INBOX (vide : aucune).",
        repr=False,
    )  # fmt: skip
    reply_address: ReplyAddress = _setting(
        "", "Adresse de cette boîte, à laquelle on répond (assistance@…, les adresses avec « + » y menant aussi)."
    )
    link_checks: bool = _setting(False, "1 : les liens des articles sont vérifiés chaque semaine.")
    hubspot_token: SecretStr = _setting(SecretStr(""), "Jeton du connecteur vers HubSpot (vide : aucun connecteur).")
    hubspot_url: WebAddress = _setting("https://api.hubapi.com", "Adresse de l’interface de HubSpot.")
    hubspot_pipeline: str = _setting("0", "Pipeline des tickets chez HubSpot.")
    hubspot_stages: Stages = _setting(
        "open:1,taken:2,waiting:3,planned:3,technical:3,closed:4", "Étape du pipeline pour chaque état d’une demande."
    )
    hubspot_dry_run: bool = _setting(False, "1 : le connecteur dit ce qu’il écrirait, et n’écrit rien.")
    answer_target: Annotated[int, Field(ge=1, le=100)] = _setting(
        85, "Part des appels reçus à décrocher, en % : ligne d’objectif des courbes (plan téléphonie de l’État)."
    )
    public_quality: bool = _setting(
        False,
        "1 : la qualité est publiée à /qualite et en données ouvertes, par département et par mois.",
    )
    proconnect_url: WebAddress = _setting(
        "https://auth.agentconnect.gouv.fr/api/v2", "Adresse de ProConnect, devant /.well-known/openid-configuration."
    )
    proconnect_client_id: str = _setting("", "Identifiant ProConnect (vide : connexion par lien seulement).")
    proconnect_client_secret: SecretStr = _setting(SecretStr(""), "Secret ProConnect.")
    proconnect_acr: str = _setting(
        "eidas0-mfa,eidas1-mfa,eidas2,eidas3",
        "Niveaux d’authentification ProConnect acceptés, séparés par des virgules.",
    )
    metrics: bool = _setting(
        False, "1 : chiffres pour Prometheus à /metrics, sur le port du service, jamais à travers un relais."
    )
    metrics_token: SecretStr = _setting(
        SecretStr(""), "Jeton demandé pour /metrics (Authorization: Bearer …) ; avec lui, un relais peut le passer."
    )
    ready_minutes: Annotated[int, Field(ge=1, le=1440)] = _setting(
        5, "Minutes de panne du greffier, de la base ou des travaux au bout desquelles /ready n’est plus 200."
    )
    log_level: LogLevel = _setting("WARNING", "Niveau des messages techniques : DEBUG, INFO, WARNING, ERROR.")
    log_format: Literal["text", "json"] = _setting(
        "text", "Forme des messages techniques, un par ligne : text, ou json pour un collecteur."
    )

    @model_validator(mode="after")
    def _fill_what_follows_from_the_rest(self) -> Self:
        defaults = {
            "database_url": f"sqlite:///{self.var_dir / 'svi.sqlite'}",
            "public_url": f"http://127.0.0.1:{self.port}",
        }
        if self.demo:
            defaults |= {
                "caller_id": DEMO_CALLER_ID,
                "twilio_account_sid": DEMO_ACCOUNT_SID,
                "mail_url": str(self.var_dir / "courriels"),
            }
        for name, value in defaults.items():
            if not getattr(self, name):
                self.__dict__[name] = value
        return self

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """The operator's tokens, several while one is being changed; none when missing."""
        return tuple(token.strip() for token in self.twilio_auth_token.get_secret_value().split(",") if token.strip())

    @property
    def secret(self) -> bytes:
        """The secret key as bytes; raises SettingsRefused when there is none."""
        self.require("secret_key")
        return self.secret_key.get_secret_value().encode()

    @property
    def own_numbers(self) -> frozenset[str]:
        """Every number that leads here, E.164: no directory may carry one, and only their calls are ours."""
        return _numbers(self.line_numbers) | frozenset(one for one in (self.svi_number, self.caller_id) if one)

    @property
    def transits(self) -> frozenset[str]:
        """The numbers, E.164, of which a call has no known caller (decision 41)."""
        return _numbers(self.transit_numbers)

    @property
    def alert_readers(self) -> tuple[str, ...]:
        """The addresses of ALERT_EMAILS."""
        return tuple(one for one in self.alert_emails.split(",") if one)

    @property
    def journal_dir(self) -> Path:
        """Where each web worker appends the facts of calls."""
        return self.var_dir / "journal"

    @property
    def fallback_dir(self) -> Path:
        """Where the static fallback is built when the directory changes."""
        return self.var_dir / "secours"

    @property
    def hunts_dir(self) -> Path:
        """What is remembered of a call while it rings."""
        return self.var_dir / "hunts"

    @property
    def memory_dir(self) -> Path:
        """What is remembered of callers, without their numbers."""
        return self.var_dir / "memory"

    @property
    def sounds_dir(self) -> Path:
        """The absence messages that SIAO recorded."""
        return self.var_dir / "audio"

    @property
    def voicemail_dir(self) -> Path:
        """The messages that callers left."""
        return self.var_dir / "voicemail"

    @property
    def attachments_dir(self) -> Path:
        """The files that came with requests."""
        return self.var_dir / "pieces"

    @property
    def prepared_dir(self) -> Path:
        """Where workbooks waited that an earlier release wrote in the background; emptied after some days."""
        return self.var_dir / "classeurs"

    @property
    def state_dir(self) -> Path:
        """Where each process says how it is; `/health` reads nothing else."""
        return self.var_dir / "state"

    @property
    def metrics_dir(self) -> Path:
        """Where each web process counts, for `/metrics`; emptied at the start."""
        return self.var_dir / "metrics"

    @property
    def telephone_port(self) -> int:
        """Where the telephone alone is listened for."""
        return self.voice_port or self.port + 2

    @property
    def engine_url(self) -> str:
        """Address of the simulated operator's own process, on this machine only."""
        return f"http://127.0.0.1:{self.engine_port or self.port + 1}"

    @property
    def operator_api_url(self) -> str:
        """Address of the operator's interface for programs; empty for the operator's own."""
        return self.twilio_api_url or (self.engine_url if self.demo else "")

    def require(self, *names: str) -> None:
        """Raise SettingsRefused with one sentence for each of `names` that is missing."""
        missing = [name for name in names if not plain(getattr(self, name))]
        if missing:
            raise SettingsRefused([_missing(name) for name in missing])


def _numbers(listed: str) -> frozenset[str]:
    return frozenset(one for one in listed.split(",") if one)


def plain(value: Any) -> Any:
    """What a setting holds; of a secret one, the secret itself."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _missing(name: str) -> str:
    return f"{name.upper()} manque : {Settings.model_fields[name].description}"

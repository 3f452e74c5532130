"""Who uses the SI SIAO: the five profiles of the ministry's slides, asked in the form and named by articles."""

from __future__ import annotations

from collections.abc import Mapping

PROFILES: Mapping[str, str] = {
    "nouvel-utilisateur": "Nouvel utilisateur",
    "premier-accueil": "Utilisateur premier accueil",
    "hebergement": "Utilisateur hébergement",
    "operateur-siao": "Opérateur SIAO",
    "gestionnaire-local": "Gestionnaire local",
}
"""By the key that stands in addresses, in `requests.profil` and in `articles.profiles`."""

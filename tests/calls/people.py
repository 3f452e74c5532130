"""The small directory of the transcripts: invented people, numbers reserved for fiction, open around the clock."""

from __future__ import annotations

HEADER = "departement,siao,nom,prenom,role,telephone,email,rang,horaires,filtrage\n"

PAUL = "01 99 00 75 01"  # Paris, first rang
ANNE = "01 99 00 75 02"  # Paris, second rang
LEO = "01 99 00 93 01"  # Seine-Saint-Denis, one of two who ring together
MIA = "01 99 00 93 02"
ZOE = "01 99 00 93 03"  # Seine-Saint-Denis, second rang, no screening
COLETTE = "04 65 71 20 01"  # Corse-du-Sud
BASTIEN = "04 65 71 20 02"  # Haute-Corse
RANIA = "01 99 00 97 41"  # La Réunion
AGATHE = "05 36 49 09 01"  # Ariège
INES = "01 99 00 10 01"  # the national team

DIRECTORY = (
    HEADER
    + f"""75,SIAO de Paris,Aubry,Paul,référent,{PAUL},p.aubry@exemple.fr,1,24/7,oui
75,SIAO de Paris,Berthier,Anne,référent,{ANNE},a.berthier@exemple.fr,2,24/7,oui
93,SIAO de Seine-Saint-Denis,Caron,Léo,référent,{LEO},l.caron@exemple.fr,1,24/7,oui
93,SIAO de Seine-Saint-Denis,Diallo,Mia,référent,{MIA},m.diallo@exemple.fr,1,24/7,oui
93,SIAO de Seine-Saint-Denis,Evrard,Zoé,suppléant,{ZOE},z.evrard@exemple.fr,2,24/7,non
2A,SIAO de Corse-du-Sud,Ferri,Colette,référent,{COLETTE},c.ferri@exemple.fr,1,24/7,oui
2B,SIAO de Haute-Corse,Galli,Bastien,référent,{BASTIEN},b.galli@exemple.fr,1,24/7,oui
974,SIAO de La Réunion,Hoarau,Rania,référent,{RANIA},r.hoarau@exemple.fr,1,24/7,oui
09,SIAO de l'Ariège,Izard,Agathe,référent,{AGATHE},a.izard@exemple.fr,1,24/7,oui
*,Équipe nationale,Roussel,Inès,national,{INES},i.roussel@exemple.fr,1,24/7,oui
"""
)

"""Words that a query for photos can do without: `stop_words`.

English first. Articles, pronouns, prepositions and forms of *be*, and the words by which one asks
for photos at all. They are left out when anything else remains, and only on their own: in *picture
palace* or *hen of the woods* they belong to the term. Negations stay, for dropping one would turn
the meaning round; so do words that name things beside (*can*, *will*, *may*). For other languages
there are articles, prepositions, possessives and the words by which one asks for photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["STOP_WORDS", "stop_words"]

_GRAMMAR: Final = """
a an the this that these those some any all
i me my mine we us our ours you your yours he him his she her hers it its they them their theirs
who whom whose which what where when
of in on at by to from with into onto for about as and or near inside during
is are was were be been being am do does did has have had
there here just please
"""

_ASKING: Final = """
photo photos photograph photographs picture pictures pic pics image images snapshot snapshots
show find search see look looking get give want
"""

STOP_WORDS: Final[frozenset[str]] = frozenset((_GRAMMAR + _ASKING).split())
"""Lower case, as `alicorn.documents.text.tokens` cuts them."""

_OTHERS: Final[Mapping[str, str]] = {
    "ca": """
        el la els les un una uns unes l d de del dels al als a en amb per i o que meu meva meus
        meves foto fotos fotografia fotografies imatge imatges
    """,
    "cs": """
        a i v ve na s se z ze u k ke o do od po pro pri při moje můj moji fotka fotky foto obrázek
        obrázky
    """,
    "da": """
        en et den det de i på af ved med til fra og min mit mine foto fotos billede billeder
    """,
    "de": """
        der die das den dem des ein eine einen einem einer eines im in am an auf aus bei mit von vom
        zu zum zur und oder mein meine meinen meinem meiner foto fotos bild bilder
    """,
    "es": """
        el la los las un una unos unas de del al a en con por para y o que mi mis nuestro nuestra
        foto fotos imagen imágenes
    """,
    "eu": """
        eta edo nire gure argazki argazkia argazkiak irudi irudia irudiak
    """,
    "fr": """
        le la les l un une des du de d au aux à a en dans sur sous avec par pour et ou chez mon ma
        mes notre nos photo photos image images
    """,
    "gl": """
        o a os as un unha uns unhas do da dos das de no na nos nas en con por para e ou meu miña
        meus miñas foto fotos imaxe imaxes
    """,
    "it": """
        il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai in nel
        nella nello su sul sulla con per e o mio mia miei mie foto fotografia immagine immagini
    """,
    "nl": """
        de het een in op aan bij met van voor uit en of mijn onze foto fotos afbeelding afbeeldingen
    """,
    "pl": """
        w we na z ze u do od po przy pod i oraz lub mój moja moje moich zdjęcie zdjęcia foto obraz
        obrazy
    """,
    "pt": """
        o a os as um uma uns umas de do da dos das em no na nos nas com por para e ou meu minha meus
        minhas foto fotos imagem imagens
    """,
    "zh": "的 在 和 了 是 我 上 里",
}

_BY_LANGUAGE: Final = {
    "en": STOP_WORDS,
    **{language: frozenset(words.split()) for language, words in _OTHERS.items()},
}


def stop_words(language: str) -> frozenset[str]:
    """Return those of ``language`` (two-letter code); none for one without a list."""
    return _BY_LANGUAGE.get(language, frozenset())

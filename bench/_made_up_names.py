"""Made-up names of eleven cultures in nine scripts, and misspellings of them; knows nothing of how names are matched.

Words are put together from syllables, so nobody is meant. Lists of given names are short and names of families many, as
in life. A misspelling is one of: a slip of the keys (a letter added, lost, changed or swapped with its neighbour),
another transliteration (another table for the whole name, or other spellings of sounds, or the name in its own script),
another order, a part left out (of three or more), a given name by its initial.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
BGN = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya"
GERMAN = "a b w g d e sch s i j k l m n o p r s t u f ch z tsch sch schtsch - y - e ju ja"
FRENCH = "a b v g d e j z i i k l m n o p r s t ou f kh ts tch ch chtch - y - e iou ia"
ISO = "a b v g d e z z i j k l m n o p r s t u f h c c s sc - y - e ju ja"
GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
ELOT = "a v g d e z i th i k l m n x o p r s t y f ch ps o"
ARABIC = {
    "b": "ب", "t": "ت", "th": "ث", "j": "ج", "h": "ح", "kh": "خ", "d": "د", "dh": "ذ", "r": "ر", "z": "ز", "s": "س",
    "sh": "ش", "gh": "غ", "f": "ف", "q": "ق", "k": "ك", "l": "ل", "m": "م", "n": "ن", "w": "و", "y": "ي", "aa": "ا",
    "uu": "و", "ii": "ي",
}  # fmt: skip
_SIGNS = """
    李li 王wang 张zhang 刘liu 陈chen 杨yang 赵zhao 黄huang 周zhou 吴wu 徐xu 孙sun
    胡hu 朱zhu 高gao 林lin 何he 郭guo 马ma 罗luo 梁liang 宋song 郑zheng 谢xie
    韩han 唐tang 冯feng 于yu 董dong 萧xiao 程cheng 曹cao 袁yuan 邓deng 许xu 傅fu
    沈shen 曾zeng 彭peng 吕lv 苏su 卢lu 蒋jiang 蔡cai 贾jia 丁ding 魏wei 薛xue
    叶ye 阎yan 伟wei 芳fang 娜na 敏min 静jing 丽li 强qiang 磊lei 军jun 洋yang
    勇yong 艳yan 杰jie 娟juan 涛tao 明ming 超chao 秀xiu 霞xia 平ping 刚gang 桂gui
    英ying 华hua 建jian 文wen 辉hui 力li 国guo 安an 民min 永yong 健jian 世shi
    广guang 志zhi 义yi 兴xing 良liang 海hai 山shan 仁ren 波bo 宁ning 贵gui 福fu
    生sheng 龙long 元yuan 全quan 胜sheng 学xue 祥xiang 才cai 发fa 武wu 新xin 利li
    清qing 飞fei 彬bin 富fu 顺shun 信xin 子zi 亮liang 政zheng 谦qian 亨heng 奇qi
    固gu 之zhi 轮lun 翰han 朗lang 伯bo 宏hong 言yan 若ruo 鸣ming 朋peng 斌bin
    栋dong 维wei 启qi 克ke 伦lun 翔xiang 旭xu 鹏peng 泽ze 晨chen 辰chen 士shi
    以yi 家jia 致zhi 树shu 炎yan
"""
CHINESE = {pair[0]: pair[1:] for pair in _SIGNS.split()}
HANGUL = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang",
    "조": "cho", "윤": "yoon", "장": "jang", "임": "lim", "한": "han", "오": "oh",
    "서": "seo", "신": "shin", "권": "kwon", "황": "hwang", "안": "ahn", "송": "song",
    "민": "min", "준": "jun", "지": "ji", "현": "hyun", "우": "woo", "수": "soo",
    "영": "young", "호": "ho", "철": "chul", "은": "eun", "성": "sung", "진": "jin",
    "희": "hee", "태": "tae", "경": "kyung", "상": "sang", "동": "dong", "혁": "hyuk",
}  # fmt: skip
REVISED = {
    "lee": "i", "park": "bak", "choi": "choe", "jung": "jeong", "cho": "jo", "yoon": "yun", "oh": "o", "ahn": "an",
    "hyun": "hyeon", "woo": "u", "soo": "su", "young": "yeong", "chul": "cheol", "sung": "seong", "hee": "hui",
    "kyung": "gyeong", "hyuk": "hyeok", "kim": "gim", "kang": "gang", "shin": "sin", "lim": "im", "kwon": "gwon",
}  # fmt: skip
WADE = (
    ("zh", "ch"), ("q", "ch"), ("x", "hs"), ("j", "ch"), ("c", "ts"), ("z", "ts"), ("r", "j"), ("g", "k"), ("d", "t"),
    ("b", "p"),
)  # fmt: skip
SOUNDS = {
    "arabic": (("uu", "ou"), ("uu", "oo"), ("ii", "ee"), ("aa", "a"), ("q", "k"), ("kh", "h"), ("gh", "g"), ("j", "dj"),
               ("sh", "ch"), ("dh", "z"), ("w", "ou"), ("y", "i"), ("a", "e"), ("u", "o"), ("i", "e")),
    "indian": (("sh", "s"), ("v", "w"), ("ee", "i"), ("oo", "u"), ("bh", "b"), ("dh", "d"), ("th", "t"), ("aa", "a")),
    "turkish": (("c", "j"), ("s", "sh"), ("g", "gh"), ("i", "y"), ("k", "c")),
    "latin": (("ph", "f"), ("ck", "k"), ("y", "i"), ("k", "c"), ("ss", "s"), ("th", "t"), ("z", "s"), ("v", "w"),
              ("ie", "y"), ("ll", "l"), ("oe", "o"), ("ue", "u"), ("nn", "n"), ("tt", "t")),
}  # fmt: skip


@dataclass
class Name:
    """A name in Latin letters, in its own script where that is another, and how else it is written."""

    culture: str
    parts: list[str]
    script: str | None = None
    others: tuple[list[str], ...] = ()

    @property
    def text(self) -> str:
        """As a list prints it."""
        return " ".join(part.title() for part in self.parts)


def spelt(text: str, alphabet: str, spellings: str) -> str:
    """Letter by letter; a dash in the table is nothing."""
    table = spellings.split()
    text = "".join(
        one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one) or one == "\u0306"
    )
    text = unicodedata.normalize("NFC", text).replace("ς", "σ")
    return "".join(table[alphabet.index(one)] if one in alphabet else one for one in text).replace("-", "")


class People:
    """Draws names; the vocabulary is drawn first, from the same seed always, so that two draws share it."""

    def __init__(self, seed: int, vocabulary: int = 7) -> None:
        words = Random(vocabulary)
        self._random = Random(seed)
        self._given = {
            key: [self._word(words, *parts, words.choice((2, 2, 3))) for _ in range(number)]
            for key, (number, *parts) in _GIVEN.items()
        }
        self._family = {
            key: [self._word(words, *parts, words.choice((2, 3, 3))) + words.choice(ends) for _ in range(12_000)]
            for key, (ends, *parts) in _FAMILY.items()
        }

    @staticmethod
    def _word(random: Random, onsets: str, middles: str, count: int) -> str:
        starts, vowels = onsets.split(), middles.split()
        return "".join(random.choice(starts) + random.choice(vowels) for _ in range(count))

    def _one(self, found: list[str]) -> str:
        """Few words are frequent, most are rare: of 300 the first is drawn 6 times in 100, of 12,000 2 times."""
        return found[int(len(found) * self._random.random() ** (2 if len(found) < 1000 else 2.5))]

    def draw(self) -> Name:
        """A person's or a company's name."""
        return self._drawn(self._random.choices((*_CULTURES, "company"), (*_CULTURES.values(), 14))[0])

    def _drawn(self, culture: str) -> Name:
        random, one = self._random, self._one
        if culture == "company":
            words = [one(self._family[random.choice(list(self._family))]) for _ in range(random.choice((1, 2, 2)))]
            words = [spelt(word, CYRILLIC, BGN) if word[0] in CYRILLIC else word for word in words]
            words = [spelt(word, GREEK, ELOT) if word[0] in GREEK else word for word in words]
            return Name("company", [*words, random.choice(_TRADES), random.choice(_FORMS)])
        if culture == "chinese":
            signs, length = list(CHINESE), random.choice((1, 2, 2))
            own = random.choice(signs[:50]) + "".join(random.choice(signs[50:]) for _ in range(length))
            sounds = [CHINESE[sign] for sign in own]
            wade = [_replaced(sound, WADE) for sound in sounds]
            return Name(culture, [sounds[0], "".join(sounds[1:])], own, ([wade[0], "-".join(wade[1:])], sounds))
        if culture == "korean":
            own = random.choice(list(HANGUL)[:18]) + "".join(random.choice(list(HANGUL)[18:]) for _ in range(2))
            sounds = [HANGUL[sign] for sign in own]
            revised = [REVISED.get(sound, sound) for sound in sounds]
            return Name(culture, [sounds[0], "-".join(sounds[1:])], own, (revised, [sounds[0], "".join(sounds[1:])]))
        given = [one(self._given[culture]) for _ in range(_PARTS[culture] + (random.random() < 0.3))]
        family = one(self._family[culture])
        if culture == "russian":
            own = [given[0], given[1] + random.choice(("ович", "евич")), family][:: random.choice((1, 1, 2))]
            tables = (BGN, GERMAN, FRENCH, ISO)
            first, *rest = [[spelt(part, CYRILLIC, table) for part in own] for table in tables]
            return Name(culture, first, " ".join(own).title(), tuple(rest))
        if culture == "greek":
            own = [given[0], family]
            return Name(culture, [spelt(part, GREEK, ELOT) for part in own], " ".join(own).title())
        if culture == "arabic":
            own = [_in_arabic(part) for part in (*given, family)]
            parts = [_plain(part) for part in given] + [random.choice(("al ", "al-", "el-", "")) + _plain(family)]
            return Name(culture, parts, " ".join((*own[:-1], "ال" + own[-1])), ())
        return Name(culture, [*given, family])


_LATIN_VOWELS = "a e i o u a e i ar en el an or in"
_GIVEN: dict[str, tuple[int, str, str]] = {
    "english": (300, "b br c d f g h j k l m n p r s t th w ch", _LATIN_VOWELS),
    "spanish": (250, "b c d f g j l m n p r s t v ll ch rr", "a e i o a o ia io an el"),
    "german": (250, "b d f g h k l m n r s t w sch st fr", "a e i o u er in el an ei ie"),
    "french": (250, "b c ch d f g j l m n p r s t v", "a e i o ou eau ier ette an in ois"),
    "polish": (250, "b c d g j k l m n p r s t w z sz cz", "a e i o u ek sław an ia ij"),
    "turkish": (250, "b c d e f g h k l m n r s t y z", "a e i o u an in et er ul"),
    "indian": (300, "b bh ch d dh g h j k kh m n p r s sh t v y", "a aa i ee u oo an esh endra it"),
    "african": (250, "b d f g k m mb n nd ng o s t y z", "a e i o u a o u"),
    "russian": (150, "б в г д ж з к л м н п р с т ф х ч ш", "а е и о у ан ия ек ир"),
    "greek": (150, "β γ δ θ κ λ μ ν π ρ σ τ φ χ", "α ε ι ο η ω ας ος ης"),
    "arabic": (400, "b t j h kh d r z s sh gh f q k l m n w y", "a aa i ii u uu am im ar"),
}
_FAMILY: dict[str, tuple[tuple[str, ...], str, str]] = {
    "english": (("son", "ton", "ley", "er", "well", "s", "man"), *_GIVEN["english"][1:]),
    "spanish": (("ez", "o", "a", "es", "era"), *_GIVEN["spanish"][1:]),
    "german": (("mann", "er", "berg", "hoff", "ner", "ke", "müller"), *_GIVEN["german"][1:]),
    "french": (("ier", "eau", "ois", "ard", "el", "in"), *_GIVEN["french"][1:]),
    "polish": (("ski", "cki", "wicz", "ak", "czyk"), *_GIVEN["polish"][1:]),
    "turkish": (("oğlu", "lı", "er", "can", "demir"), *_GIVEN["turkish"][1:]),
    "indian": (("kar", "wal", "deshi", "pathy", "ni", "nath"), *_GIVEN["indian"][1:]),
    "african": (("mba", "we", "le", "nu", "do", "ye"), *_GIVEN["african"][1:]),
    "russian": (("ов", "ев", "ин", "ский", "енко", "щук"), *_GIVEN["russian"][1:]),
    "greek": (("ίδης", "όπουλος", "άκης", "ου", "ας"), *_GIVEN["greek"][1:]),
    "arabic": (("ii", "i", "an", "awi", ""), *_GIVEN["arabic"][1:]),
}
_CULTURES = {
    "arabic": 22, "russian": 14, "spanish": 9, "english": 8, "chinese": 8, "indian": 6, "turkish": 5, "african": 5,
    "korean": 4, "german": 4, "french": 4, "polish": 4, "greek": 3,
}  # fmt: skip
_PARTS = dict.fromkeys(_CULTURES, 1) | {"arabic": 2, "russian": 2}
_TRADES = ("trading", "shipping", "petroleum", "industries", "holding", "logistics", "bank", "engineering", "aviation")
_FORMS = ("ltd", "llc", "gmbh", "sa", "ooo", "co", "inc", "fze")


def _replaced(text: str, rules: tuple[tuple[str, str], ...]) -> str:
    for one, other in rules:
        if text.startswith(one):
            return other + text[len(one) :]
    return text


def _plain(part: str) -> str:
    return part.replace("aa", "a").replace("uu", "u").replace("ii", "i")


def _in_arabic(part: str) -> str:
    out, at = [], 0
    while at < len(part):
        pair = part[at : at + 2]
        sign, step = (ARABIC[pair], 2) if pair in ARABIC else (ARABIC.get(part[at], ""), 1)
        out.append(sign)
        at += step
    return "".join(out)


Misspell = Callable[[Random, Name], str | None]


def slip(random: Random, name: Name) -> str | None:
    """One wrong letter in one word of four letters or more."""
    words = name.text.split()
    long = [at for at, word in enumerate(words) if len(word) >= 4]
    if not long:
        return None
    at = random.choice(long)
    word, place = words[at], random.randrange(len(words[at]) - 1)
    letter = random.choice("abcdefghijklmnopqrstuvwxyz")
    words[at] = random.choice(
        (
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        )
    )
    return " ".join(words)


def transliteration(random: Random, name: Name) -> str | None:
    """The name by another table, in its own script, or with one or two sounds spelt otherwise."""
    ways = [" ".join(other) for other in name.others]
    if name.script:
        ways.append(name.script)
    rules = SOUNDS.get(name.culture, SOUNDS["latin"] if name.culture not in ("chinese", "korean", "company") else ())
    text = name.text.lower()
    fitting = [rule for rule in rules if rule[0] in text]
    if fitting:
        changed = text
        for one, other in random.sample(fitting, min(len(fitting), random.choice((1, 2)))):
            changed = changed.replace(one, other, 1)
        ways.append(changed.title())
    return random.choice(ways) if ways else None


def order(random: Random, name: Name) -> str | None:
    """The last part first, with a comma or without."""
    if len(name.parts) < 2:
        return None
    *rest, last = [part.title() for part in name.parts]
    return f"{last}{random.choice((', ', ' '))}{' '.join(rest)}"


def dropped(random: Random, name: Name) -> str | None:
    """One part left out, of three or more."""
    if len(name.parts) < 3 or name.culture == "company":
        return None
    gone = random.randrange(len(name.parts))
    return " ".join(part.title() for at, part in enumerate(name.parts) if at != gone)


def initial(random: Random, name: Name) -> str | None:
    """The first of two or more parts by its initial."""
    if len(name.parts) < 2 or name.culture in ("company", "chinese", "korean"):
        return None
    first, *rest = name.parts
    return " ".join((f"{first[0].upper()}.", *(part.title() for part in rest)))


MISSPELLINGS: dict[str, Misspell] = {
    "slip": slip,
    "transliteration": transliteration,
    "order": order,
    "dropped part": dropped,
    "initial": initial,
}

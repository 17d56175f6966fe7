"""Chinese names in pinyin, where each syllable is spelt in one way and a vowel more or less makes another family."""

import re
from collections.abc import Sequence
from functools import lru_cache

_NAMES = """
    bai bao bi bo cai cao cen chai chang che chen cheng cui dai deng ding dong dou du duan fan fang fei feng fu gan
    gao ge geng gong gu guan guo han hao he hong hou hu hua huang ji jia jian jiang jiao jin jing kang ke kong lai lan
    lei li lian liang liao lin ling liu long lou lu luo lv ma mao mei meng mi mo mu ni nie ning niu ou pan pang pei
    peng pi pu qi qian qiao qin qiu qu quan rao ren rong ruan shan shang shao shen sheng shi shu si song su sun tan
    tang tao teng tian tong tu wan wang wei wen weng wu xi xia xiang xiao xie xin xing xiong xu xue yan yang yao ye yi
    yin ying you yu yuan yue zang zeng zha zhai zhan zhang zhao zheng zhong zhou zhu zhuang zhuo zong zou zu
"""
_FAMILIES = frozenset(_NAMES.split())
"""Frequent names of families; all are one syllable."""
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|ve|er|a|o|e|i|u|v)"
)
_ENGLISH = re.compile("ee|oo")
"""As in `Lee`: pinyin has no such thing."""
_MOST_IN_GIVEN = 2


def is_chinese(words: Sequence[str]) -> bool:
    """Whether these are the words of a Chinese name as pinyin writes it: a family, and one or two syllables more."""
    return any(
        word in _FAMILIES and _is_given("".join((*words[:at], *words[at + 1 :])))
        for at, word in enumerate(words)
        if at in (0, len(words) - 1)
    )


@lru_cache(maxsize=65_536)
def _is_given(text: str) -> bool:
    if _ENGLISH.search(text):
        return False
    ends = {0}
    for _ in range(_MOST_IN_GIVEN):
        # Where a syllable ends is seldom told (`xian` may be `xi an`): every way counts.
        ends = {
            end for begin in ends for end in range(begin + 1, len(text) + 1) if _SYLLABLE.fullmatch(text, begin, end)
        }
        if len(text) in ends:
            return True
    return False

"""How people put things: the turns of phrase that claim, skip, take back or tick, in four languages."""

from typing import Final, Literal

Kind = Literal["value", "am", "reach", "skip", "decline", "on", "off", "other", "question", "sign", "rest"]
"""What a clause does. `rest` is what no turn of phrase explains."""

LEAD = (
    r"(?:the|my|our|his|her|their|your|its|mein\w*|unser\w*|der|die|das|mon|ma|mes|le|la|les|l['’]|notre|mi"
    r"|mis|el|los|an?)"
)
WHO = r"(?P<who>i|we|he|she|(?:my|our|the|meine?|unsere?|mon|ma|mi)\s+[\w'’]+)"
"""Small words before the name of a thing; whoever is spoken of."""

WORDINGS: Final[tuple[tuple[str, Kind, str], ...]] = (
    (rf"^{WHO}(?:['’]m|\s+(?:am|was|is|were))\s+born\s+in\s+(?P<v>[^\d]+)$", "value", "?{who} place of birth"),
    (rf"^{WHO}(?:['’]m|\s+(?:am|was|is|were))\s+born\s+(?:on\s+)?(?P<v>.+)$", "value",
     "{who} date of birth"),
    (r"^born:?\s+(?:on\s+)?(?P<v>.+)$", "value", "date of birth"),
    (r"^(?:ich\s+)?(?:bin\s+|wurde\s+)?(?:am\s+)?(?P<v>\S.*?)\s+geboren$", "value", "date of birth"),
    (r"^(?:ich\s+)?(?:bin\s+|wurde\s+)?geboren\s+(?:am\s+)?(?P<v>.+)$", "value", "date of birth"),
    (r"^(?:je\s+suis\s+)?née?\s+le\s+(?P<v>.+)$", "value", "date of birth"),
    (r"^(?:yo\s+)?nací\s+(?:el\s+)?(?P<v>.+)$", "value", "date of birth"),
    (rf"^{WHO}\s+(?:currently\s+|now\s+)?(?:lives?|resides?|am living)\s+(?:at|in|on)\s+(?P<v>.+)$", "value",
     "{who} address"),
    (rf"^{WHO}(?:['’]m|['’]re|\s+(?:am|are|is))\s+(?:located|based|living|resident|domiciled)\s+(?:at|in|on)\s+(?P<v>.+)$",
     "value", "{who} address"),
    (r"^(?:the\s+)?(?P<s>.+?)\s+applies(?:\s+to\s+(?:me|us))?$", "on", ""),
    (rf"^{WHO}(?:['’]m|\s+(?:am|is|was))?\s+allergic\s+to\s+(?P<v>.+)$", "value", "?allergies"),
    (r"^i(?:['’]m|\s+am)?\s+(?:currently\s+)?(?:take|taking|on)\s+(?P<v>[^\d].*)$", "value", "?medication"),
    (rf"^(?:{WHO}\s+(?:was|were)\s+)?referred\s+by\s+(?P<v>.+)$", "value", "?referred by"),
    (rf"^(?:{WHO}(?:['’]m|['’]re|\s+(?:am|are|is))\s+)?insured\s+(?:with|by|at)\s+(?P<v>.+)$", "value",
     "?insurance company"),
    (rf"^{WHO}\s+(?:earns?|makes?|gets?\s+paid)\s+(?P<v>.*\d.*)$", "value", "?{who} income"),
    (rf"^{WHO}\s+speaks?\s+(?P<v>[A-Z].*)$", "value", "?{who} language"),
    (rf"^{WHO}\s+drives?\s+(?P<v>.+)$", "value", "?{who} vehicle"),
    (rf"^{WHO}\s+weighs?\s+(?P<v>.+)$", "value", "?{who} weight"),
    (rf"^{WHO}(?:['’]m|['’]re|\s+(?:am|are|is))\s+(?P<v>\d\S*(?:\s\S+)?)\s+tall\b.*$", "value", "?{who} height"),
    (rf"^{WHO}\s+banks?\s+(?:with|at)\s+(?P<v>.+)$", "value", "?bank name"),
    (r"^(?:i|we)(?:['’]d|\s+would)?\s+(?:like|want|prefer)\s+(?P<s>.+?)\s+to\s+be\s+(?P<v>.+)$", "value", ""),
    (r"^taxed\s+as\s+(?:an?\s+)?(?P<v>.+)$", "value", "tax classification"),
    (r"^(?:i|we)\s+(?:got|became|had|have\s+been|was|were)\s+(?P<v>[^\d]+)$", "am", ""),
    (r"^ich\s+wohne\s+(?:in\s+der\s+|in\s+|am\s+)?(?P<v>.+)$", "value", "address"),
    (r"^j['’]habite\s+(?:au\s+|à\s+|dans\s+)?(?P<v>.+)$", "value", "address"),
    (r"^(?:yo\s+)?vivo\s+en\s+(?P<v>.+)$", "value", "address"),
    (r"^(?:you\s+(?:can|may)\s+)?(?:reach|call|contact|text|phone|ring|e-?mail|write)\s+(?:to\s+)?(?:me|us)\s+"
     r"(?:at|on|under|via)?\s*(?P<v>.+)$", "reach", ""),
    (r"^(?:i|we)\s+can\s+be\s+reached\s+(?:at|on|under|via|by\s+\w+\s+at)\s+(?P<v>.+)$", "reach", ""),
    (rf"^{WHO}\s+works?\s+as\s+(?:an?\s+)?(?P<v>.+)$", "value", "{who} job title"),
    (r"^as\s+(?:an?\s+)(?P<v>[^\d,]+)$", "value", "job title"),
    (r"^ich\s+arbeite\s+als\s+(?P<v>.+)$", "value", "job title"),
    (rf"^{WHO}(?:['’]ve|\s+have)?\s+work(?:s|ed)?\s+(?:for|at)\s+(?P<v>.+?)(?:\s+(?:for|since)\s+\d.*)?$", "value",
     "{who} employer name"),
    (rf"^{WHO}(?:['’]m|['’]re|\s+(?:am|are|is))\s+called\s+(?P<v>.+)$", "value", "{who} name"),
    (r"^call\s+me\s+(?P<v>[^\d]+)$", "value", "name"),
    (r"^ich\s+hei(?:ß|ss)e\s+(?:mit\s+(?P<s>nachnamen|vornamen)\s+)(?P<v>.+)$", "value", "{s}"),
    (r"^ich\s+hei(?:ß|ss)e\s+(?P<v>.+?)\s+mit\s+(?P<s>nachnamen|vornamen)$", "value", "{s}"),
    (r"^ich\s+hei(?:ß|ss)e\s+(?P<v>.+)$", "value", "name"),
    (r"^je\s+m['’]appelle\s+(?P<v>.+)$", "value", "name"),
    (r"^(?:yo\s+)?me\s+llamo\s+(?P<v>.+)$", "value", "name"),
    (r"^(?P<s>(?:my|our|ma|mon|meine?|mi)\s+[\w'’]+)\s+(?:hei(?:ß|ss)t|s['’]appelle"
     r"|se\s+llama)\s+(?P<v>.+)$", "value",
     "{s} name"),
    (r"^(?:please\s+|bitte\s+|(?:i|we)(?:['’]d|\s+would)?\s+(?:like|want|prefer)\s+to\s+|let['’]?s\s+|can\s+we\s+)?(?:skip|leave\s+out|omit|ignore|pass\s+on|überspringen?\s+(?:sie\s+)?|saute[rz]?|passe[rz]?"
     r"|salta\w*|omite|omitir)\s+(?P<s>.+)$", "skip", ""),
    (r"^(?:please\s+|bitte\s+)?(?:leave|keep|lass(?:en\s+sie)?|laisse[rz]?|deja\w*)\s+(?P<s>.+?)\s+(?:blank|empty|out|leer|frei"
     r"|aus|vide|en\s+blanco|vac[ií][oa])$", "skip", ""),
    (r"^(?:please\s+|bitte\s+)?(?P<s>.+?)\s+(?:bitte\s+)?(?:überspringen|leer\s+lassen|frei\s+lassen"
     r"|auslassen)$", "skip", ""),
    (r"^(?:i|we)\s+(?:do\s+not|don['’]?t)\s+have\s+(?:an?\s+|any\s+|the\s+)?(?P<s>.+)$", "skip", ""),
    (r"^(?:there(?:['’]s|\s+is|\s+are|\s+was|\s+were)|i\s+have|we\s+have|i['’]ve\s+got)\s+no\s+(?P<s>.+)$", "skip", ""),
    (r"^(?:i|we)(?:\s+would|['’]d)?\s+(?:rather\s+not|prefer\s+not\s+to|do\s+not\s+want\s+to|don['’]?t\s+want\s+to|decline\s+to"
     r"|refuse\s+to|won['’]t)\s+(?:say|give|tell|share|state|provide|disclose|enter|fill\s+in)\s+(?:you\s+)?(?P<s>.+)$",
     "skip", ""),
    (r"^ich\s+(?:habe|hab)\s+keine?n?\s+(?P<s>.+)$", "skip", ""),
    (r"^(?P<s>.+?)\s+(?:habe|haben)\s+(?:ich|wir)\s+(?:nicht|keine?n?s?)$", "skip", ""),
    (r"^je\s+n['’]ai\s+pas\s+(?:de\s+|d['’])(?P<s>.+)$", "skip", ""),
    (r"^no\s+tengo\s+(?P<s>.+)$", "skip", ""),
    (r"^(?P<s>.+?)(?:\s*[:=]\s*|\s+(?:is|are)\s+)?(?:not\s+applicable|\bn/a|does(?:\s+not|n['’]t)\s+apply(?:\s+to\s+\w+)?|none|nothing|entfällt)$",
     "skip", ""),
    (r"^(?:please\s+|bitte\s+)?(?:remove|delete|clear|drop|erase|forget(?:\s+about)?|scratch|undo|take\s+out|reject|decline"
     r"|discard|withdraw|lösche?n?|entferne?n?|supprime[rz]?|efface[rz]?|borra\w*|elimina\w*|quita\w*)\s+(?P<s>.+)$",
     "decline", ""),
    (r"^(?P<s>.+?)\s+(?:(?:is|are|was|ist|est|es)\s+)(?:wrong|incorrect|not\s+right|not\s+correct|not\s+true|falsch|faux|fausse"
     r"|nicht\s+richtig|incorrect[oae]?|no\s+es\s+correct[oa])$", "decline", ""),
    (rf"^(?:please\s+)?(?:select|choose|pick)\s+(?P<v>.+?)\s+(?:in|for|from|as|under)\s+(?:{LEAD}\s+)?(?P<s>[^,]+)$",
     "value", "{s}"),
    (r"^(?:please\s+)?(?:uncheck|untick|deselect|unmark|don['’]?t\s+(?:check|tick|mark)|do\s+not\s+(?:check|tick|mark)"
     r"|décoche[rz]?|desmarca\w*)\s+(?P<s>.+)$", "off", ""),
    (r"^(?:please\s+|bitte\s+|(?:i|we)\s+(?:want|would\s+like)\s+to\s+|(?:i|we)\s+|i['’]d\s+like\s+to\s+|i['’]ll\s+)?(?:check(?!ing)|tick|mark|select|choose|pick|take|prefer|go\s+(?:for|with)"
     r"|put\s+an?\s+(?:x|cross|check)\s+(?:in|on|next\s+to|at)|kreuzen?\s+(?:sie\s+)?|ankreuzen:?|wählen?\s+(?:sie\s+)?"
     r"|coche[rz]?|choisi\w*|marca\w*|selecciona\w*|elige)\s+(?P<s>.+)$", "on", ""),
    (r"^(?:no,?\s+)?(?:i\s+meant\s+|it['’]s\s+|that['’]s\s+|use\s+)?(?:the|my)\s+other\s+"
     r"(?P<s>(?:(?!\s(?:is|was|are|were)\s)[\w -]){2,40})$", "other", ""),
    (r"^(?:nein,?\s+)?die\s+andere\s+(?P<s>[\w -]{2,40})$", "other", ""),
    (r"^(?:non,?\s+)?l['’]autre\s+(?P<s>[\w -]{2,40})$", "other", ""),
    (r"^(?:no,?\s+)?(?:la\s+otra|el\s+otro)\s+(?P<s>[\w -]{2,40})$", "other", ""),
    (r"^(?:please\s+|bitte\s+)?(?:set|change|update|correct|fix|make|turn|ändere?n?(?:\s+sie)?|setze?n?(?:\s+sie)?|change[rz]?"
     r"|cambia\w*)\s+(?P<s>.+?)\s+(?:to|as|=|auf|in|zu|à|en|a|por)\s+(?P<v>.+)$", "value", "{s}"),
    (rf"^(?:please\s+|bitte\s+)?(?:put|fill\s+in|enter|write|use|add|type|insert|record|list|deposit|pay|transfer|select|choose|pick|trage?n?(?:\s+sie)?|mets|mettez|pon|escribe)\s+"
     rf"(?P<v>.+?)\s+(?:down\s+)?(?:as|for|in|into|under|on|als|für|bei|comme|pour|en|como|para)\s+(?:{LEAD}\s+)?(?P<s>[^,]+)$",
     "value", "{s}"),
    (r"^(?:please\s+)?fill\s+(?:in\s+)?(?P<s>.+?)\s+with\s+(?P<v>.+)$", "value", "{s}"),
)  # fmt: skip
"""A pattern, what it does, and how its subject is made of what it caught (`{s}`, `{who}`)."""

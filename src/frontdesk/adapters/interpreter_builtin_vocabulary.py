"""What the built-in interpreter knows of words: names of things, persons, options and small words in four languages."""

from typing import Final

Language = str


def words(listed: str) -> frozenset[str]:
    """The wordings of a list, by strokes."""
    return frozenset(listed.split("|"))


CONCEPTS: Final[dict[str, str]] = {
    "ein": "employer identification number|federal employer id|fed emp id|employer id number|employer id|fein|ein"
    "|employer payer identification number|employer number",
    "ssn": "social security number|social|social security no|social security|social number|ssn|numero de"
    " securite sociale"
    "|numero de seguro social|numero de seguridad social|seguro social|sozialversicherungsnummer",
    "tin": "taxpayer identification number|taxpayer id|tax identification number|tax id number|tax id|tin",
    "vat": "vat registration number|vat number|vat no|vat id|vat|umsatzsteuer identifikationsnummer|ust idnr|ust id"
    "|numero de tva|tva|numero de iva",
    "iban": "iban",
    "routing": "routing transit number|routing number|routing no|routing|aba number|aba",
    "account": "account numbers|account number|account no|acct number|acct no|bank account number|kontonummer"
    "|numero de compte|numero de cuenta",
    "birth": "date of birth|birth date|birthdate|birthday|dob|geburtsdatum|geburtstag|date de naissance"
    "|fecha de nacimiento",
    "phone": "telephone number|telephone no|telephone|telno|tel no|tel|phone number|phone no|phone|mobile number|mobile"
    "|cell phone number|cell phone|cell number|cell|telefonnummer|telefon|handynummer|handy|rufnummer"
    "|numero de telephone|telephone portable|portable|numero de telefono|telefono|movil",
    "fax": "fax number|fax no|fax|faxnummer|telecopie",
    "email": "e mail address|email address|e mail|email|e mail adresse|mailadresse|courriel|adresse e mail"
    "|adresse email|adresse electronique|correo electronico|correo|direccion de correo",
    "zip": "zip code|zipcode|zip|postal code|post code|postcode|postleitzahl|plz|code postal|codigo postal",
    "city": "commune|municipality|municipio|suburb|city|town|wohnort|ort|stadt|ville|ciudad|localidad",
    "state": "state|bundesland|estado",
    "country": "country|land|pays|pais",
    "county": "county|landkreis",
    "street": "street address|street|strasse|hausnummer|rue|calle",
    "address": "address|anschrift|adresse|domicile|direccion|domicilio",
    "apt": "apartment number|apartment|apt number|apt no|apt|suite|unit number|wohnung|appartement",
    "first": "first names|first name|given names|given name|forename|vorname|vornamen|prenom|prenoms|nombre de pila",
    "last": "last name|surname|family name|nachname|nachnamen|familienname|nom de famille|apellidos|apellido",
    "middle": "middle initial|middle name|m i|primary mi|spouse mi|initial",
    "name": "full name|printed name|names|name|nom|nombre|nombre completo|nom complet",
    "business": "firm|business name|company name|company|trading name|trade name|firm name|firmenname|firma|unternehmen"
    "|entreprise|raison sociale|empresa|razon social|dba|business",
    "job": "job title|occupation|profession|position held|position|beruf|metier|profesion|ocupacion|job",
    "income": "income|salary|wages|earnings|gehalt|einkommen|salaire|revenu|revenus|salario|ingresos",
    "insurer": "health insurance|insurance|insurance company|insurance provider|insurance carrier|insurer"
    "|versicherung|assureur|aseguradora",
    "policy": "insurance policy number|policy number|policy no|policy|police nummer|versicherungsnummer",
    "plate": "license plate number|license plate|licence plate|plate number|number plate|registration number"
    "|plate|kennzeichen|immatriculation|matricula",
    "license": "driver license number|driver licence number|driver license|driver licence|driving licence"
    "|drivers license|drivers licence|fuhrerschein|permis de conduire",
    "passport": "passport number|passport no|passport|reisepass|passnummer|passeport|pasaporte",
    "birthplace": "place of birth|birthplace|birth place|city of birth|geburtsort|lieu de naissance"
    "|lugar de nacimiento",
    "doctor": "primary care physician|family doctor|general practitioner|physician|doctor|hausarzt|arzt|medecin|medico",
    "medicine": "current medications|medications|medication|medicines|medicine|medikamente|medicaments",
    "allergy": "allergies to medications|allergies to medication|drug allergies|known allergies|allergies|allergy"
    "|allergien|allergie",
    "language": "native language|preferred language|languages|language|muttersprache|sprache|langue|idioma",
    "parttime": "part time|parttime|teilzeit|temps partiel",
    "fulltime": "full time|fulltime|vollzeit|temps plein",
    "arrival": "arrival|arrive|arriving|ankunft|anreise|arrivee|llegada",
    "departure": "departure|depart|departing|leave|leaving|abreise|salida",
    "website": "web site|website|homepage|web address|url",
    "hurt": "injured|hurt|injuries|injury|verletzt|blesse|blesses",
    "vehicle": "vehicles|vehicle|automobile|cars|car|fahrzeug|auto|vehicule|voiture|coche",
    "kinship": "relationship to you|relationship to applicant|relationship|relation|verwandtschaft|parentesco",
    "nationality": "nationality|citizenship|staatsangehorigkeit|nationalitat|nationalite|nacionalidad",
    "gender": "gender|sex|geschlecht|sexe|sexo",
    "case": "case number|case no|docket number|docket no|file number|file no|aktenzeichen|numero de dossier"
    "|numero de expediente|case",
    "amount": "amount|betrag|montant|importe|cantidad",
    "signature": "signature|unterschrift|firma del solicitante",
    "llc": "limited liability company|llc|gmbh",
    "scorp": "s corporation|s corp",
    "ccorp": "c corporation|c corp",
    "proprietor": "sole proprietorship|sole proprietor|sole trader|self employed|freelancer",
    "single": "never married|single|unmarried|ledig|celibataire|soltera|soltero",
    "married": "married|verheiratet|mariee|marie|casada|casado",
    "divorced": "divorced|geschieden|divorcee|divorce|divorciada|divorciado",
    "widowed": "widowed|widow|widower|verwitwet|veuve|veuf|viuda|viudo",
    "female": "female|woman|weiblich|femme|feminin|mujer|femenino",
    "male": "male|man|mannlich|homme|masculin|hombre|masculino",
    "german": "german|germany|deutsch|deutscher|deutsche|deutschland|allemand|allemande|alemana|aleman",
    "french": "french|france|franzosisch|franzose|franzosin|francais|francaise|francesa|frances",
    "spanish": "spanish|spain|spanisch|spanier|spanierin|espagnol|espagnole|espanola|espanol",
    "italian": "italian|italy|italienisch|italiener|italienerin|italien|italienne|italiana|italiano",
    "american": "us american|american|amerikanisch|amerikaner|amerikanerin|americaine|americain|estadounidense",
}
"""A thing, and how it is called, folded (see `fold`); the longest wording wins."""

ROLES: Final[dict[str, str]] = {
    "spouse": "spouses|spouse|husband|wife|partner|ehefrau|ehemann|ehepartner|ehegatte|frau|mann|epouse|epoux|conjoint"
    "|esposa|esposo|conyuge|mari|femme|marido",
    "child": "child|children|son|daughter|kind|tochter|sohn|enfant|fils|fille|hijo|hija",
    "employer": "employer|boss|arbeitgeber|employeur|empleador",
    "representative": "representative|vertreter|representant|representante",
    "attorney": "attorney|lawyer|patty|datty|anwalt|avocat|abogado",
    "plaintiff": "plaintiffs|plaintiff",
    "defendant": "defendants|defendant",
    "respondent": "respondent",
    "veteran": "veterans|veteran",
    "requester": "requesters|requester",
    "judge": "judge|hon|richter|juge|juez",
    "claimant": "claimant",
    "preparer": "preparer|ero|originator",
    "dependent": "dependents|dependent",
    "witness": "witness",
    "youth": "youth",
    "landlord": "landlord|landlady|vermieter|proprietaire|casero",
    "supervisor": "supervisor|manager|vorgesetzter|superviseur|jefe",
    "contact": "emergency contact|emergency|contact person|ansprechpartner",
    "other": "other driver|other party|third party|other vehicle|other owner",
    "subscriber": "subscriber|guarantor",
    "co": "co borrower|co applicant|joint applicant|second applicant|co signer|co owner",
    "mother": "mother|mom|mum|mutter|mere|madre",
    "father": "father|dad|vater|pere|padre",
    "guardian": "parent or guardian|parent guardian|legal guardian|guardian|parent|parents|eltern|tuteur|tutor",
    "referee": "referee|reference|references",
    "owner": "owner|eigentumer|halter|titulaire",
    "seller": "seller|vendor|verkaufer|vendeur|vendedor",
    "buyer": "buyer|purchaser|kaufer|acheteur|comprador",
    "agent": "agent|broker|makler|agente",
    "school": "school|schule|ecole|escuela",
    "beneficiary": "beneficiary|beneficiaries|beneficiaire|beneficiario",
    "holder": "account holder|kontoinhaber|titulaire du compte|titular de la cuenta",
    "foreign": "foreign",
}
"""Persons and parties other than the one who speaks; what belongs to one is not given to another."""

ORDINALS: Final[dict[str, str]] = {
    "1": "first|1st|one|erste|ersten|premier|primera|primer",
    "2": "second|2nd|two|zweite|zweiten|deuxieme|segunda|segundo",
    "3": "third|3rd|three|dritte|dritten|troisieme|tercera|tercer",
    "4": "fourth|4th|four|vierte|quatrieme|cuarta",
    "5": "fifth|5th|five|funfte|cinquieme|quinta",
}

SMALL: Final[frozenset[str]] = words(
    "a|an|the|of|for|to|in|on|at|by|or|and|is|are|was|be|been|am|as|if|any|this|that|these|those|it|its|with|"
    "from|my|your|our|his|her|their|i|we|you|me|us|please|see|enter|check|box|here|optional|page|line|print|"
    "type|only|one|list|number|no.|instructions|instruction|shown|name's|der|die|das|den|dem|des|ein|eine|"
    "einen|mein|meine|meinen|meiner|ist|sind|war|und|oder|fur|im|zu|von|ich|wir|unser|unsere|le|la|les|l|un|"
    "une|du|de|d|mon|ma|mes|est|sont|et|ou|pour|au|aux|je|nous|notre|nos|el|los|las|una|mi|mis|es|son|y|o|"
    "para|por|en|yo|mit|par|con|via|per|send|get|receive|erhalten|recibir|mochte|mochten|deseo|quiero|veux|option|nuestro|nuestra|su|sus|do|does|did|have|has|had|would|will|not|that's|field|value|bitte|"
    "numero|nummer|nr|no|num|digits|which|who|whose|when|were|can|such|part|ii|iii|want|s|t|m|ve|ll|re|row|column|zeile|spalte|before|today|current|currently|now|just|there|any|some|anyone|anybody|most|recent|last|werden|become|need|needs|needed|brauche|necesito|be|zum|zur|bei|am|someone|somebody|been|being"
)

LINKS: Final[tuple[str, ...]] = (
    "should be", "should read", "must be", "shall be", "would be", "will be", "is going to be", "is called",
    "are called", "is named", "is now", "is:", "reads", "equals", "is", "are", "was", "were", "'s", "’s",
    "because of", "because", "weil", "parce que", "porque",
    "lautet", "lauten", "heißt", "heisst", "ist", "sind", "war", "est", "sont", "était", "es", "son", "era", "será",
)  # fmt: skip
"""Words between the name of a thing and its value."""

LANGUAGES: Final[dict[Language, frozenset[str]]] = {
    "en": words(
    "the|my|is|and|i|we|are|am|it|what|of|to|for|no|not|please|an|a|was|in|our|have|you"
),
    "de": words(
    "ich|mein|meine|meiner|ist|und|bin|wir|der|die|das|nicht|nein|bitte|am|im|wohne|heisse|heiße|lautet|ja|"
    "was|welche|wie|unser|geboren|eine|einen"
),
    "fr": words(
    "je|mon|ma|mes|est|et|suis|nous|le|la|les|ne|pas|non|oui|s'il|j'habite|m'appelle|né|née|au|quel|quelle|"
    "c'est|votre|notre|l'adresse|appelle|habite|du"
),
    "es": words(
    "mi|mis|es|y|soy|el|los|las|no|sí|por|favor|nací|vivo|llamo|me|cuál|qué|nuestro|nuestra|en|del|número|una"
),
}  # fmt: skip

YES: Final[frozenset[str]] = words(
    "yes|y|yep|yeah|yup|sure|correct|true|right|of course|definitely|absolutely|i do|i am|we do|we are|i did|"
    "it is|ok|okay|please do|yes please|that is right|that is correct|check it|tick it|ja|jawohl|stimmt|genau|"
    "richtig|ja bitte|oui|bien sur|exact|c est exact|d accord|si|claro|correcto|si claro|por supuesto|"
    "affirmative|we did|i have|yes i do|yes i am|yes i did|yes we do|yes we are|yes it is|yes i have"
)
NO: Final[frozenset[str]] = words(
    "no|n|nope|nah|not|never|false|no thanks|no thank you|i do not|i don t|we don t|we do not|i am not|"
    "i m not|no i don t|no i do not|no i m not|no i am not|it is not|it isn t|i did not|i didn t|no i didn t|"
    "nein|nein danke|ne|non|non merci|no gracias|para nada|nicht|pas du tout|negative|we did not|we didn t|"
    "not at all|i haven t|i have not|leave it off|leave it unchecked"
)
SKIP: Final[frozenset[str]] = words(
    "skip|skip it|skip this|skip that|skip this one|skip that one|skip please|please skip|please skip it|"
    "please skip this|please skip this one|next|next one|next please|pass|none|nothing|n a|na|not applicable|"
    "does not apply|doesn t apply|leave blank|leave it blank|leave it empty|leave empty|leave that blank|"
    "leave that empty|leave this blank|leave this empty|leave that one blank|leave this one blank|blank|empty|"
    "no answer|i don t have one|i do not have one|don t have one|i have none|we don t have one|"
    "we do not have one|we have none|i don t have any|i don t have that|there is none|there isn t one|"
    "i d rather not say|i would rather not say|rather not say|prefer not to say|i prefer not to say|"
    "i d prefer not to say|uberspringen|bitte uberspringen|weiter|keine|keiner|keins|habe ich nicht|"
    "hab ich nicht|leer lassen|leer|frei lassen|entfallt|trifft nicht zu|keine angabe|passer|passe|suivant|"
    "aucun|aucune|je n en ai pas|rien|laisser vide|laissez vide|sans objet|saltar|omitir|siguiente|ninguno|"
    "ninguna|no tengo|dejar en blanco|dejar vacio|no aplica|pasa|pasar|not relevant|irrelevant|"
    "that doesn t apply|that does not apply|this doesn t apply|doesn t apply to me|does not apply to me|"
    "that does not apply to me|that doesn t apply to me|let skip it|let skip that|let skip this|"
    "let skip this one|lets skip it|lets skip this"
)
UNKNOWN: Final[frozenset[str]] = words(
    "i don t know|don t know|i do not know|no idea|not sure|i m not sure|i am not sure|unsure|later|"
    "ask me later|i will tell you later|i ll tell you later|weiss ich nicht|ich weiss es nicht|"
    "ich weiss nicht|keine ahnung|spater|je ne sais pas|aucune idee|plus tard|no se|no lo se|ni idea|"
    "mas tarde|help|hilfe|aide|ayuda|what|hello|hi|hey|hallo|bonjour|hola|good morning|guten tag|thanks|"
    "thank you|danke|merci|gracias|maybe|perhaps|vielleicht|i have to look|i have to check|let me check|"
    "one moment|wait|hm|hmm|good afternoon|good evening|thank you very much|thanks a lot|cool|great|perfect|"
    "fine|what do you mean|i don t understand|i do not understand|who are you"
)
"""Whole messages that hold no answer."""
WRONG: Final[frozenset[str]] = words(
    "wrong|that wrong|that is wrong|this is wrong|no that wrong|no that is wrong|that not right|"
    "that is not right|no that not right|that not correct|that is not correct|that incorrect|"
    "that is incorrect|incorrect|not correct|not right|no that not correct|no wrong|undo|undo that|forget it|"
    "forget that|scratch that|delete that|remove that|delete it|remove it|clear it|clear that|take that out|"
    "take it out|falsch|das ist falsch|nein das ist falsch|das stimmt nicht|nein das stimmt nicht|"
    "stimmt nicht|c est faux|non c est faux|faux|c est incorrect|es incorrecto|eso es incorrecto|"
    "no es correcto|eso no es correcto|esta mal|eso esta mal|no eso esta mal|that was wrong|"
    "no that isn t right|that isn t right|loschen|effacer|borrar"
)

"""German phrases by cue; a table, no code.

Owns: `TABLE`.
Never: holds a word that means something else in English, or an elision unsplit.
Invariant: phrases are lower case and separated by "|" or a line end.
"""

from __future__ import annotations

TABLE = {
    "but": """
        aber | jedoch | allerdings | nur dass
    """,
    "open_you": """
        du | dein | deine
    """,
    "swap": """
        stattdessen | anstatt | statt dessen | anstelle
    """,
    "explain": """
        erklär | erkläre | erklären | sag mir | erläutere | erläutern | beschreibe
    """,
    "not": """
        nicht | kein | keine | keinen | nichts | nie | ohne
    """,
    "open_no": """
        nein | nö | nee | ne | nicht so | nicht ganz | nicht das | doch nicht | falsch | quatsch | stimmt nicht
        das stimmt nicht | das ist nicht | das ist falsch
    """,
    "open_stop": """
        stopp | halt | warte | wart mal | moment | einen moment | moment mal | abbrechen | brich ab | hör auf
        lass das | lass es | vergiss es | vergiss das | bevor du | bevor wir | was machst du | was soll das
    """,
    "open_but": """
        aber | eigentlich | allerdings | jedoch | naja | fast
    """,
    "open_accept": """
        ja | jo | jep | jawohl | klar | genau | gut | sehr gut | super | prima | passt | perfekt | danke | danke schön
        vielen dank | einverstanden | in ordnung | alles klar | sieht gut aus | klingt gut | stimmt | richtig | toll
        gerne | ja bitte | ja gerne | mach das | mach es | top | spitze | okay danke
    """,
    "open_ask": """
        was | warum | wieso | weshalb | wie | wer | wo | wann | welche | welcher | welches | woher | wohin | ist das
        ist es | sind | hat | haben wir | gibt es | kann man | muss | müssen | soll | sollen | sollten | wird | werden
        funktioniert | geht das | hast du eine idee | frage | wozu | wofür
    """,
    "open_order": """
        füge | füg | ergänze | erstelle | erstell | schreibe | schreib | entferne | lösche | lösch | ändere | änder
        benenne | verschiebe | baue | bau | mache | mach | teste | prüfe | prüf | überprüfe | schau | zeig | zeige
        nutze | verwende | nimm | setze | setz | implementiere | behebe | repariere | aktualisiere | starte | führe
        bitte | jetzt | als nächstes | dann | außerdem | lass uns | ich möchte | ich will | ich brauche | wir brauchen
        wir müssen | wir sollten | committe | pushe | dokumentiere | refaktoriere | verbessere | korrigiere
        installiere | suche | such | öffne | sortiere
    """,
    "open_inform": """
        ich | es | das ist | wir | die datei | der server | unser | unsere | mein | meine | weil | da | für | beide
        nur | am besten | im moment | momentan | derzeit | es gibt | sie liegt | er liegt
    """,
    "filler": """
        ach | oh | hm | also | naja | tja | und | so | ja | gut | bitte | hey | hallo | na | äh | ähm | entschuldigung
        sorry
    """,
    "harmless": """
        kein problem | keine sorge | kein fehler | keine fehler | nicht nötig | kein thema | keine eile | warte auf
        weiß nicht | keine ahnung | warum nicht | falls nicht | fehlerbehandlung | fehlermeldung | ohne fehler
    """,
    "undo": """
        rückgängig | zurücksetzen | setz das zurück | setze das zurück | setz es zurück | nimm das zurück
        mach das rückgängig | stell das wieder her | stelle wieder her | wiederherstellen | wieder her | zurückrollen
        wieder entfernen | entferne das wieder | nimm das wieder raus | wieder raus | nochmal von vorne | von vorn
        von vorne
    """,
    "dont": """
        nicht mehr | mach das nicht | tu das nicht | bitte nicht | lieber nicht | nicht anfassen | nicht ändern
        nicht löschen | nicht verwenden | nicht benutzen | ich will nicht | ich wollte nicht | wollte ich nicht
        sollte nicht | sollst nicht | solltest nicht | darf nicht | darfst nicht | hab ich nicht | habe ich nicht
        will ich nicht | nicht nötig gewesen | auf keinen fall | niemals
    """,
    "fault": """
        falsch | falsche | falschen | falscher | fehlerhaft | kaputt | geht nicht | geht das nicht
        geht immer noch nicht | funktioniert nicht | funktioniert das nicht | funktioniert immer noch nicht
        klappt nicht | läuft nicht | vergessen | übersehen | stimmt nicht | stimmt so nicht | nicht richtig
        nicht korrekt | nicht das was | nicht was ich | nicht so wie | abgestürzt | stürzt ab | unvollständig
        missverstanden | falsch verstanden | nichts passiert | passiert nichts | sehe nichts | keinen sinn | kein sinn
        unsinn | mist | quatsch | zu kompliziert | gibt es nicht | existiert nicht | nicht da
    """,
    "trouble": """
        fehler | fehlt | fehlen | schlägt fehl | schlagen fehl | fehlgeschlagen | absturz | schlecht | problem
        probleme | hängt | zu langsam | zu lang | veraltet | doppelt | nicht gefunden
    """,
    "still": """
        immer noch | noch immer | schon wieder | wieder | nochmal | noch einmal | erneut | weiterhin | nach wie vor
        habe ich doch gesagt | hab ich doch gesagt | wie gesagt | ich sagte | ich habe gesagt | schon gesagt
    """,
    "instead": """
        stattdessen | statt | anstatt | anstelle | sondern | eigentlich | vielmehr | ich meinte | ich meine
        gemeint war | nicht das | lieber | anders herum | umgekehrt | anderer ansatz
    """,
    "should": """
        sollte | sollten | müsste | müssten | hätte | hättest | solltest | soll eigentlich | muss sein | besser wäre
        wäre besser | ich wollte | ich hatte
    """,
    "blame": """
        warum hast du | wieso hast du | warum machst du | wieso machst du | warum ist das | warum fehlt
        du hast vergessen | hast du vergessen | du hast | du solltest | du machst | du hattest | du bist
        bist du sicher | hast du überhaupt | hast du wirklich | hast du nicht | was hast du | was machst du
        das hast du
    """,
    "proceed": """
        mach weiter | weiter | weitermachen | fahr fort | leg los | los | mach das | mach es | tu das | tu es
        mach ruhig | nur zu | gerne | einverstanden | setz das um | setze das um | kannst du machen | so machen
        machen wir | machen wir so | bitte fortfahren
    """,
    "praise": """
        danke | vielen dank | super | prima | perfekt | sieht gut aus | klingt gut | passt | passt so | gut gemacht
        gute arbeit | funktioniert jetzt | geht jetzt | wunderbar | klasse | toll | ist gut | ist ok | in ordnung
    """,
    "request": """
        kannst du | könntest du | kannst du bitte | könnten wir | können wir | würdest du | bitte | ich möchte
        ich will dass | ich hätte gern | ich hätte gerne | wir sollten | wir müssen | mach bitte | sorge dafür
        stell sicher
    """,
    "lets": """
        lass uns | lasst uns
    """,
    "tell": """
        kannst du erklären | kannst du mir erklären | kannst du mir sagen | erklär | erkläre | erkläre mir | sag mir
        was ist | was sind | was bedeutet | was passiert | wie funktioniert | wie geht | warum ist | wo ist | wo liegt
        gibt es | weißt du | was meinst du | was hältst du | ist das | ist es | sind die | hat das | kann man
        was kostet | wie viele | wie lange
    """,
    "tag": """
        oder ? | richtig ? | nicht wahr ? | stimmts ? | ja ? | korrekt ?
    """,
    "prefer": """
        ich denke | ich glaube | ich finde | meiner meinung | wahrscheinlich | vielleicht | wir nutzen | wir verwenden
        wir haben | es liegt | liegt unter | die datei ist | weil | derzeit | im moment | momentan | zur info
        es geht um | kommt drauf an
    """,
    "doubt": """
        bevor wir | bevor du | bist du sicher | ich glaube nicht | ich denke nicht | ich dachte | wirklich | scheint
        anscheinend | sieht so aus als
    """,
}

"""German, Spanish and French phrases by cue; tables, no code.

Owns: `GERMAN`, `SPANISH`, `FRENCH`.
Never: holds a word that means something else in English ("die", "pour"), or an elision unsplit ("c est", not "c'est").
Invariant: phrases are lower case and separated by "|" or a line end.
"""

from __future__ import annotations

GERMAN = {
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
        stopp | halt | warte | wart mal | moment | einen moment | moment mal | abbrechen | brich ab | hör auf | lass das
        lass es | vergiss es | vergiss das | bevor du | bevor wir | was machst du | was soll das
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

SPANISH = {
    "swap": """
        en vez de | en lugar de
    """,
    "explain": """
        explica | explícame | explicame | explicar | explicarme | dime | decirme | describe
    """,
    "not": """
        no | nada | nunca | ningún | ninguna | sin
    """,
    "open_no": """
        no | nop | para nada | eso no | así no | asi no | incorrecto | eso está mal | eso esta mal | está mal | esta mal
    """,
    "open_stop": """
        para | detente | espera | alto | un momento | cancela | aborta | déjalo | dejalo | olvídalo | olvidalo
        olvida eso | antes de | qué haces | que haces | qué estás haciendo | que estas haciendo | no sigas | deja eso
        basta
    """,
    "open_but": """
        pero | en realidad | sin embargo | aunque | casi | mmm
    """,
    "open_accept": """
        sí | si | claro | vale | de acuerdo | perfecto | genial | bien | muy bien | exacto | correcto | gracias
        muchas gracias | adelante | por supuesto | estupendo | excelente | se ve bien | suena bien | dale | ok gracias
        listo | sí por favor | si por favor | me parece bien | buenísimo
    """,
    "open_ask": """
        qué | que es | por qué | porque no | cómo | quién | dónde | cuándo | cuál | cuáles | cuánto | cuántos | cuántas
        hay alguna | hay algún | existe | es posible | se puede | pregunta | tenemos | funciona | está | están | debería
        para qué
    """,
    "open_order": """
        añade | agrega | crea | escribe | elimina | borra | quita | cambia | renombra | mueve | haz | prueba | comprueba
        revisa | verifica | muestra | muéstrame | usa | utiliza | pon | implementa | corrige | arregla | actualiza
        ejecuta | por favor | ahora | luego | después | además | también | quiero | quisiera | necesito | necesitamos
        me gustaría | vamos a | documenta | refactoriza | mejora | instala | busca | abre | genera | sube | ordena
    """,
    "open_inform": """
        yo | es | son | está en | el | la | los | las | mi | nuestro | nuestra | ambos | ambas | solo | sólo | porque
        ya | usamos | tenemos | hay
    """,
    "filler": """
        ah | oh | eh | bueno | pues | y | entonces | a ver | vale | hola | oye | perdón | perdona | lo siento
    """,
    "harmless": """
        no hay problema | no pasa nada | no te preocupes | no hace falta | no importa | sin errores | sin problema
        no hay errores | no hay error | por qué no | no sé | no se preocupe | ningún problema | manejo de errores
        mensaje de error
    """,
    "undo": """
        deshaz | deshacer | revierte | revertir | vuelve atrás | vuelve a poner | vuelve a la versión | restaura
        restaurar | devuelve | quita eso | borra eso | elimina eso | empieza de nuevo | desde cero
    """,
    "dont": """
        no hagas | no toques | no cambies | no borres | no elimines | no uses | no utilices | no añadas | no agregues
        no modifiques | no quiero | no quería | no queria | no necesito | no deberías | no debería | no deberias
        no deberia | no debes | no te pedí | no te pedi | no pedí | deja de | nunca | mejor no | no lo hagas | no así
        no crees | no ejecutes | no escribas
    """,
    "fault": """
        mal | incorrecto | incorrecta | equivocado | equivocada | equivocaste | roto | rota | no funciona | no funcionó
        no funciono | no funcionan | no va | no anda | no sirve | no compila | no pasa | no pasan | faltó | olvidaste
        te olvidaste | has olvidado | se te olvidó | se te olvido | no es lo que | no era lo que | no es eso
        no es correcto | no está bien | no esta bien | no aparece | no veo | no existe | no se ve | no tiene sentido
        no encuentra | rompiste | has roto | se rompe | se rompió | incompleto | incompleta | no coincide | no hace nada
        te equivocas | no entendiste | no has entendido
    """,
    "trouble": """
        falla | fallan | fallando | falló | fallo | falta | faltan | error | errores | problema | problemas | demasiado
        duplicado | no encontrado
    """,
    "still": """
        todavía | todavia | sigue | siguen | sigo | aún | otra vez | de nuevo | nuevamente | ya te dije | como dije
        ya dije | te dije | lo mismo
    """,
    "instead": """
        en vez | en lugar | en cambio | sino | más bien | mas bien | en realidad | quería decir | quise decir
        me refería | me referia | al revés | mejor usa | prefiero que | otro enfoque
    """,
    "should": """
        debería | deberia | deberían | deberías | tendría que | tenía que | tiene que | hay que | debe ser
        tiene que ser | esperaba | yo quería | sería mejor
    """,
    "blame": """
        por qué has | por qué hiciste | por que hiciste | por qué estás | por qué no has | por qué borraste
        por qué cambiaste | por qué eliminaste | por qué usaste | por que has | por qué sigues | estás seguro
        estas seguro | has roto | has borrado | has cambiado | has eliminado | borraste | cambiaste | eliminaste
        te has | no has | no hiciste | qué has hecho | qué hiciste | olvidaste
    """,
    "proceed": """
        adelante | continúa | continua | sigue | sigue adelante | hazlo | procede | dale | hágalo | haz eso
        puedes continuar | sigamos | vamos | empieza | impleméntalo | implementalo | súbelo | subelo | aplícalo
        aplicalo | confirma
    """,
    "praise": """
        gracias | perfecto | genial | excelente | muy bien | buen trabajo | bien hecho | se ve bien | suena bien
        funciona bien | ya funciona | me gusta | me parece bien | está bien | de acuerdo | estupendo
    """,
    "request": """
        puedes | podrías | podrias | puedes por favor | por favor | quiero que | necesito que | me gustaría que
        podemos | podríamos | asegúrate | asegurate | me puedes | ayúdame | ayudame
    """,
    "lets": """
        vamos a | hagamos
    """,
    "tell": """
        puedes explicar | puedes explicarme | puedes decirme | me puedes explicar | me puedes decir | explícame
        explicame | explica | dime | qué es | qué son | qué significa | qué pasa | cómo funciona | cómo se | por qué es
        dónde está | hay alguna | hay algún | sabes | qué opinas | qué te parece | es posible | cuál es | cuáles son
        cuánto | cuántos | cuántas
    """,
    "tag": """
        no ? | verdad ? | cierto ? | correcto ? | sí ? | vale ?
    """,
    "prefer": """
        creo que | pienso que | prefiero | probablemente | quizás | quizá | tal vez | usamos | tenemos | está en
        es para | porque | por ahora | de momento | actualmente | depende | siempre que
    """,
    "doubt": """
        antes de | estás seguro | estas seguro | no creo que | no creo | pensaba que | pensé que | parece que
        de verdad | realmente
    """,
}

FRENCH = {
    "swap": """
        au lieu de | à la place
    """,
    "explain": """
        explique | expliquer | explique moi | dis moi | me dire | décris
    """,
    "not": """
        ne | pas | rien | jamais | aucun | aucune | sans
    """,
    "open_no": """
        non | nan | pas comme ça | pas du tout | pas tout à fait | ce n est pas | c est faux | faux | c est pas
    """,
    "open_stop": """
        arrête | arrete | arrêtez | stop | attends | attend | attendez | une minute | un instant | annule | abandonne
        laisse tomber | oublie ça | oublie | avant de | avant que | qu est ce que tu fais | que fais tu | tu fais quoi
        ne continue pas
    """,
    "open_but": """
        mais | en fait | cependant | par contre | toutefois | presque | euh
    """,
    "open_accept": """
        oui | ouais | ok merci | d accord | parfait | super | bien | très bien | tres bien | exact | exactement | merci
        merci beaucoup | vas y | allez y | bien sûr | bien sur | génial | genial | excellent | ça marche | ca marche
        c est bon | c est parfait | ça me va | ca me va | impeccable | nickel | volontiers | oui merci | bonne idée
        top
    """,
    "open_ask": """
        quoi | pourquoi | comment | qui | où | quand | quel | quelle | quels | quelles | combien | est ce que
        est ce qu | qu est ce | c est quoi | y a t il | existe t il | peut on | faut il | question | à quoi
        que signifie | que veut | a quoi
    """,
    "open_order": """
        ajoute | ajoutez | crée | cree | écris | ecris | supprime | enlève | enleve | retire | change | renomme
        déplace | deplace | fais | faites | teste | vérifie | verifie | montre | regarde | utilise | mets | implémente
        implemente | corrige | répare | repare | lance | exécute | execute | s il te plaît | s il te plait
        s il vous plaît | s il vous plait | maintenant | ensuite | puis | aussi | je veux | je voudrais | j aimerais
        j ai besoin | on doit | il faut | documente | améliore | ameliore | installe | cherche | ouvre | génère | genere
        trie | remplace | commence par
    """,
    "open_inform": """
        je | c est | il | elle | on | nous | le | la | les | mon | notre | nos | seulement | parce que | car | pour
        les deux | il y a | ils sont | elles sont
    """,
    "filler": """
        ah | oh | bon | ben | alors | et | donc | euh | hé | salut | bonjour | désolé | desole | pardon | excuse
    """,
    "harmless": """
        pas de problème | pas de problèmes | pas de probleme | pas de souci | pas de soucis | pas grave | pas besoin
        pas d erreur | pas d erreurs | aucune erreur | aucun problème | sans erreur | ne t inquiète pas | pourquoi pas
        je ne sais pas | gestion des erreurs | gestion d erreur | message d erreur | t inquiète
    """,
    "undo": """
        annule | annuler | annulez | reviens | revenir | reviens en arrière | retour en arrière | remets | remettre
        remets le | rétablis | retablis | restaure | défais | defais | enlève ça | retire ça | supprime ça | recommence
        reprends depuis | repars de zéro | à zéro
    """,
    "dont": """
        ne fais pas | fais pas | ne touche pas | touche pas | ne change pas | ne supprime pas | ne modifie pas
        n utilise pas | utilise pas | n ajoute pas | ne crée pas | je ne veux pas | je veux pas | je ne voulais pas
        je voulais pas | ne dois pas | ne devrait pas | ne doit pas | devrait pas | doit pas | pas demandé
        n ai pas demandé | arrête de | arrete de | jamais | plutôt pas | surtout pas
    """,
    "fault": """
        faux | fausse | incorrect | incorrecte | cassé | cassée | ne marche pas | marche pas | ne marche toujours pas
        marche toujours pas | ne fonctionne pas | fonctionne pas | fonctionne toujours pas | fonctionne plus
        marche plus | ne compile pas | compile pas | oublié | oublies | as oublié | pas ce que | pas bon | pas correct
        pas correcte | pas juste | pas normal | trompé | trompes | bogue | ne vois pas | vois pas | n apparaît pas
        n apparait pas | n existe pas | existe pas | n a pas de sens | aucun sens | incomplet | incomplète | mal compris
        mauvais | mauvaise | trop compliqué | rien ne se passe | ne passe pas | passent pas | passe pas | n importe quoi
        pas à jour
    """,
    "trouble": """
        casse | échoue | echoue | échouent | échoué | echoué | erreur | erreurs | manque | manquent | manquant | plante
        planté | bug | problème | problèmes | probleme | souci | trop lent | trop long | introuvable | en double
    """,
    "still": """
        toujours | encore | à nouveau | a nouveau | de nouveau | encore une fois | j ai déjà dit | déjà dit
        comme je l ai dit | je t ai dit | je t avais dit | même erreur | pareil
    """,
    "instead": """
        plutôt | plutot | au lieu | à la place | a la place | en fait | je voulais dire | je parlais de | au contraire
        l inverse | autre approche
    """,
    "should": """
        devrait | devraient | devrais | aurait dû | aurait du | aurais dû | aurais du | doit être | doit etre
        il faudrait | il fallait | je voulais | je m attendais | serait mieux | ce serait mieux | censé
    """,
    "blame": """
        pourquoi as tu | pourquoi tu | pourquoi est ce que tu | pourquoi avoir | pourquoi n as tu | tu as oublié
        tu as cassé | tu as supprimé | tu as changé | tu as effacé | tu n as pas | t as pas | tu as mal | tu es sûr
        tu es sur | es tu sûr | es tu sur | qu as tu fait | qu est ce que tu as fait | tu devais | tu aurais | tu ne
        t as oublié | t as cassé
    """,
    "proceed": """
        continue | continuez | vas y | allez y | fais le | fais ça | fais ca | faites le | procède | procede | poursuis
        on y va | lance | lance toi | applique | commence | allons y | go | tu peux y aller | tu peux continuer
    """,
    "praise": """
        merci | parfait | super | génial | excellent | très bien | bon travail | beau travail | bien joué | bravo
        ça marche | ca marche | ça fonctionne | ca fonctionne | c est bon | ça me va | ca me va | ça a l air bien
        impeccable | nickel | d accord | bonne idée
    """,
    "request": """
        peux tu | pourrais tu | pouvez vous | pourriez vous | tu peux | tu pourrais | est ce que tu peux
        est ce que tu pourrais | s il te plaît | s il te plait | s il vous plaît | s il vous plait | stp | svp
        je veux que | je voudrais que | j aimerais que | il faut que | on pourrait | peut on | assure toi | aide moi
    """,
    "lets": """
        faisons | allons
    """,
    "tell": """
        peux tu expliquer | peux tu m expliquer | peux tu me dire | pourrais tu expliquer | pourrais tu m expliquer
        tu peux m expliquer | tu peux expliquer | explique | explique moi | dis moi | qu est ce que c est | qu est ce qu
        c est quoi | comment ça marche | comment ca marche | comment fonctionne | pourquoi est ce | où est | y a t il
        est ce qu il | est ce que c est | est ce que ça | sais tu | qu en penses tu | quelle est | quel est
        quelles sont | quels sont | combien
    """,
    "tag": """
        non ? | n est ce pas ? | hein ? | d accord ? | oui ? | c est ça ?
    """,
    "prefer": """
        je pense | je crois | je préfère | je prefere | à mon avis | probablement | peut être | on utilise
        nous utilisons | on a | il est dans | c est pour | parce que | pour l instant | pour le moment | actuellement
        ça dépend
    """,
    "doubt": """
        avant de | es tu sûr | tu es sûr | je ne pense pas | je pense pas | je ne crois pas | je pensais | on dirait
        il semble | vraiment
    """,
}

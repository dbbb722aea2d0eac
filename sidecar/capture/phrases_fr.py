"""French phrases by cue; a table, no code.

Owns: `TABLE`.
Never: holds a word that means something else in English, or an elision unsplit.
Invariant: phrases are lower case and separated by "|" or a line end.
"""

from __future__ import annotations

TABLE = {
    "but": """
        mais | sauf | cependant | par contre
    """,
    "open_you": """
        tu | ton | ta | tes
    """,
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
        oui | ouais | ok merci | d accord | parfait | super | bien | très bien | tres bien | exact | exactement
        merci | merci beaucoup | vas y | allez y | bien sûr | bien sur | génial | genial | excellent | ça marche
        ca marche | c est bon | c est parfait | ça me va | ca me va | impeccable | nickel | volontiers | oui merci
        bonne idée | top
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
        j ai besoin | on doit | il faut | documente | améliore | ameliore | installe | cherche | ouvre | génère
        genere | trie | remplace | commence par
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
        remets le | rétablis | retablis | restaure | défais | defais | enlève ça | retire ça | supprime ça
        recommence | reprends depuis | repars de zéro | à zéro
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
        n apparait pas | n existe pas | existe pas | n a pas de sens | aucun sens | incomplet | incomplète
        mal compris | mauvais | mauvaise | trop compliqué | rien ne se passe | ne passe pas | passent pas | passe pas
        n importe quoi | pas à jour
    """,
    "trouble": """
        casse | échoue | echoue | échouent | échoué | echoué | erreur | erreurs | manque | manquent | manquant
        plante | planté | bug | problème | problèmes | probleme | souci | trop lent | trop long | introuvable
        en double
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
        continue | continuez | vas y | allez y | fais le | fais ça | fais ca | faites le | procède | procede
        poursuis | on y va | lance | lance toi | applique | commence | allons y | go | tu peux y aller
        tu peux continuer
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
        tu peux m expliquer | tu peux expliquer | explique | explique moi | dis moi | qu est ce que c est
        qu est ce qu | c est quoi | comment ça marche | comment ca marche | comment fonctionne | pourquoi est ce
        où est | y a t il | est ce qu il | est ce que c est | est ce que ça | sais tu | qu en penses tu | quelle est
        quel est | quelles sont | quels sont | combien
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

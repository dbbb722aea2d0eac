"""Spanish phrases by cue; a table, no code.

Owns: `TABLE`.
Never: holds a word that means something else in English, or an elision unsplit.
Invariant: phrases are lower case and separated by "|" or a line end.
"""

from __future__ import annotations

TABLE = {
    "but": """
        pero | excepto | salvo | sin embargo
    """,
    "open_you": """
        tu | tus
    """,
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
        no | nop | para nada | eso no | así no | asi no | incorrecto | eso está mal | eso esta mal | está mal
        esta mal
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
        qué | que es | por qué | porque no | cómo | quién | dónde | cuándo | cuál | cuáles | cuánto | cuántos
        cuántas | hay alguna | hay algún | existe | es posible | se puede | pregunta | tenemos | funciona | está
        están | debería | para qué
    """,
    "open_order": """
        añade | agrega | crea | escribe | elimina | borra | quita | cambia | renombra | mueve | haz | prueba
        comprueba | revisa | verifica | muestra | muéstrame | usa | utiliza | pon | implementa | corrige | arregla
        actualiza | ejecuta | por favor | ahora | luego | después | además | también | quiero | quisiera | necesito
        necesitamos | me gustaría | vamos a | documenta | refactoriza | mejora | instala | busca | abre | genera
        sube | ordena
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
        mal | incorrecto | incorrecta | equivocado | equivocada | equivocaste | roto | rota | no funciona
        no funcionó | no funciono | no funcionan | no va | no anda | no sirve | no compila | no pasa | no pasan
        faltó | olvidaste | te olvidaste | has olvidado | se te olvidó | se te olvido | no es lo que | no era lo que
        no es eso | no es correcto | no está bien | no esta bien | no aparece | no veo | no existe | no se ve
        no tiene sentido | no encuentra | rompiste | has roto | se rompe | se rompió | incompleto | incompleta
        no coincide | no hace nada | te equivocas | no entendiste | no has entendido
    """,
    "trouble": """
        falla | fallan | fallando | falló | fallo | falta | faltan | error | errores | problema | problemas
        demasiado | duplicado | no encontrado
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
        explicame | explica | dime | qué es | qué son | qué significa | qué pasa | cómo funciona | cómo se
        por qué es | dónde está | hay alguna | hay algún | sabes | qué opinas | qué te parece | es posible | cuál es
        cuáles son | cuánto | cuántos | cuántas
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

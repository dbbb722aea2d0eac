"""English phrases by what a developer does with them in a conversation with an agent; a table, no code.

Owns: `TABLE` (phrases), `SHAPES` (patterns that phrases cannot say), `STARTERS` and `VERBS` (how an order begins).
Never: holds a phrase that names a project, a person or a tool of one user.
Invariant: phrases are lower case and separated by "|" or a line end; no pattern repeats a group that can match in two
ways, so each takes time in proportion to the text.
"""

from __future__ import annotations

TABLE = {
    "expect": """
        i would have thought | i'd have thought | i would've thought | i would have expected | i'd have expected
        i'd expect | i would expect | i expected | i was expecting | i'm expecting | was supposed to | were supposed to
        is supposed to | are supposed to | supposed to | i was hoping | i hoped | i had hoped | as expected
        expectation | i'd assume | i assumed | i would assume | meant to be | intended
    """,
    "notsee": """
        i don't see | i do not see | don't see | i can't see | i cannot see | i can not see | i see no | not seeing
        i didn't get | i didn't see | i haven't seen | doesn't show | does not show | not showing | isn't showing
        nothing shows | nothing happens | nothing happened | nothing is happening | nothing changed | no change
        no difference | no effect | doesn't appear | does not appear | isn't there | is not there | are not there
        aren't there | i don't get | i can't find | can't find | not visible | invisible | not appearing | no longer
        disappeared | is gone | are gone | vanished | is empty | are empty | is blank | shows nothing | shows no
    """,
    "isee": """
        i see | i'm seeing | i am seeing | i saw | seeing this | i notice | i noticed | i've noticed | i get | i got
        i'm getting | i am getting | we get | we're getting | we got | getting this | now i get | now it | it now
        now i see | now we | it says | it shows | it gives | it keeps | it just | it only | it always | it never
        it looks like | looks like | showing | it seems | seems to have | seems like | seems that
    """,
    "tested": """
        i ran | i just ran | i've run | i tried | i just tried | i've tried | i tested | i just tested | i've tested
        testing this | testing it | manual testing | when i run | when i try | when i click | when i open
        when i start | when running | after running | when testing | if i run | if i click | if i open | if i do
        i built | i rebuilt | i restarted | i reloaded | i refreshed | i checked | i just checked | i looked at
        looking at this | looking at the | i opened | i clicked | i did a | i just did | in production
        on my machine | locally | in the browser | in the logs | in the log | in ci | on ci | the pipeline
        github actions | the build
    """,
    "fails": """
        fail | fails | failed | failing | failure | failures | error | errors | errored | crash | crashes | crashed
        exception | traceback | panic | broken | breaks | broke | doesn't work | does not work | not working
        isn't working | don't work | didn't work | doesn't compile | won't start | won't run | doesn't run
        doesn't start | times out | timeout | timed out | hangs | freezes | stuck | is red | are red | 404 | 403 | 500
        conflict | conflicts | regression | regressed | doesn't pass | not passing | segfault | infinite loop
        nil pointer | nullpointer
    """,
    "dup": """
        duplicate | duplicated | duplicates | duplication | copied | copy paste | copypasta | multiple times | twice
        two times | three times | repeated | repeating | same code | redundant | again and again | in two places
        in multiple places | in both places | already exists | already have | already exist | we already | already did
        already done | reuse | re use | dry
    """,
    "missing": """
        missing | missed | forgot | forgotten | left out | left over | leftover | leftovers | not included
        isn't included | not covered | isn't covered | not handled | doesn't handle | not tested | untested | no test
        no tests | not updated | wasn't updated | not implemented | incomplete | not complete | unfinished | half
        only part | part of it | not all | not everything | some of them | remaining | the rest | what about the other
        you only | only some | didn't write | didn't add | didn't update | didn't change | didn't include
        haven't added | haven't updated | lacks | lacking | lost | we lose | loses | losing | without any
    """,
    "counter": """
        how about | what if we | what if instead | couldn't we | can't we | could we not | can we not | shouldn't we
        wouldn't it be | wouldn't that be | why don't we | why not just | why not | would it be better | would it not
        might be better | would be better | is better | better to | maybe better | i'd rather | i would rather
        i'd prefer | i would prefer | i'd like it | i'd replace | i would replace | i'd keep | i would keep | i'd just
        i would just | i would not | i wouldn't | i'd not | i'd say | maybe we should | maybe we just | maybe we can
        maybe just | maybe it's | maybe use | perhaps we | let's not | i think we should | i think it should
        i think you should | i think we can | i think it would | i think that should | i think this should
        we could just | we should just | just use | just do | just make | just keep | simpler | simplify | more simple
        keep it simple | easier to | easier if | alternatively | alternative | on second thought | on the other hand
        different approach | another approach | another way | other way | rather than | rather | instead | instead of
        in favor of | as opposed to | more like | something like | not sure if we | i'd go | prefer
    """,
    "takeover": """
        i'll handle | i will handle | i'll do | i will do | i'll take | i'll run | i'll test | i'll fix | i'll commit
        i'll push | i'll let you | i'll tell you | i'll ask | i'll check | i'll get | i can do | let me do
        let me handle | let me try | let me check | let me think | let me know | leave it to me | myself | manually
        i've got it | from here | take over | i did it | i've done it | i already did | i fixed | i've fixed
        i just fixed | i've updated | i updated | i changed | i've changed | i removed | i added | i moved | i renamed
        i merged | i've merged | i rebased | i reverted | i committed | i pushed
    """,
    "defer": """
        for now | not now | later | separate pr | separate branch | separate commit | separately | another pr
        different pr | new pr | next pr | follow up | followup | out of scope | scope | skip | skip it | don't worry
        never mind | nevermind | no need | not needed | not necessary | unnecessary | ignore | leave it | leave that
        leave the | leave as | as is | park | defer | hold off | postpone | before we | before you | before doing
        first let's | let's first
    """,
    "meant": """
        i am talking about | i'm talking about | i was talking about | what i meant | what i mean | i mean | i meant
        i was referring | i'm referring | not what i | to be clear | to clarify | my point | the point is
        the question is | my question | i was asking | i'm asking | i asked | i said | i told | as i said
        like i said | i already | misunderstood | misunderstanding | you're confusing | confused | confusing
        not sure you | what i want | what i actually | actually meant | the idea is | the goal is | the intention
        the intent | we want | i wanted | i want it | i want to see | i need it | should look like | should be like
    """,
    "change": """
        used to | was working | worked before | before this | before your | before the change | since your | since the
        since you | went from | crept up | slower | takes longer | too long | longer | more than before | previously
        earlier it | it was | before it | changed from | now takes | worse
    """,
    "doubtuse": """
        do we really | do we need | do we even | really need | is it necessary | is this necessary | necessary
        how useful | what's the point | what is the point | usefulness | useful | doubt | i'm not sure | not sure
        not convinced | not a fan | feels | feel like | seems odd | seems weird | seems unnecessary | seems like a lot
        seems wrong | overkill | overengineered | too much | too many | too complex | too complicated | too verbose
        worth it | makes sense | make sense | risky | worried | concerned | concern | hesitant | smells | hacky | hack
        ugly | dirty | brittle | fragile | weird | odd | strange | suspicious | surprising | surprised | curious why
        unsure
    """,
    "wherefrom": """
        where do you get | where did you get | where does that come | where does this come | where is this coming
        come from | comes from | coming from | how did you | how did we | how did this | how did that | how come
        what makes you | why did | why did you | why would | why would you | why are we | why are you | why is it
        why is this | why is that | why is the | why does it | why does this | why do we | why do you | why isn't
        why aren't | why doesn't | why don't | why didn't | why can't | why was | why were | what happened
        what's happening | what is happening | what's going on | what are you | what did you | did you | have you
        have we | did we | didn't we | haven't we | are we sure | are you sure | you sure | is that right
        is this right | is that correct | is this correct | is it correct
    """,
    "yours": """
        your code | your change | your changes | your fix | your test | your tests | your plan | your suggestion
        your solution | your implementation | your approach | your answer | your last | your previous | your commit
    """,
    "shouldnot": """
        should not | shouldn't | must not | mustn't | should never | don't want | do not want | don't need
        do not need | don't like | do not like | don't think | do not think | don't use | do not use | don't add
        do not add | don't change | do not change | don't touch | do not | don't do | stop | avoid | no more | not to
    """,
    "undoing": """
        revert | undo | roll back | rollback | put back | put it back | bring back | go back | back to | restore | reset
        take out | get rid | delete the | delete it | delete that | delete this | delete those | remove the | remove it
        remove that | remove this | remove those | remove these | remove all | drop the | drop it | drop that | redo
        start over | from scratch | reverse
    """,
    "follows": """
        does this mean | does that mean | so if | so this | so that | so we | so it | so the | so now | so you
        so basically | in other words | if i understand | so i understand | just to be sure | just to confirm
        to confirm | to be sure | correct me
    """,
    "info": """
        what does | what do | what is | what's | what are | what would | what will | what happens | what kind
        what type | what other | what else | how does | how do | how is | how are | how can | how would | how much
        how many | how long | how often | where is | where are | where do | where does | where can | when does
        when do | when is | who | which | is there | are there | do we have | does it | does this | does that | can it
        can i | can we see | could it | is it possible | is this possible | possible to | how hard | how difficult
        how much effort | what effort | any idea | any thoughts | thoughts | what do you think | wdyt | opinion
        recommend | suggest | suggestion | suggestions | tell me | let me know | explain | elaborate | summarize
        summary | difference between | compare | pros and cons | learning | wondering | i wonder | curious | question
    """,
    "newwork": """
        next step | next steps | next task | next | new feature | new change | new file | new branch | new test
        new command | another | one more | one more thing | also | additionally | in addition | as well | too
        going forward | from now on | let's start | let's move | move on | let's do | let's go | let's get
        let's create | let's add | let's update | let's look | let's implement | let's also | let's now | follow the
        based on | according to | implement the | the following | read the | see the | open a pr | create a pr
        draft pr | create a branch | changelog | release | version | readme | documentation | docs
    """,
    "finding": """
        consider | could lead | can lead | may lead | would cause | could cause | can cause | will cause | may cause
        results in | resulting in | leading to | potentially | silently | inconsistent | inconsistency | unused
        unreachable | misleading | incorrectly | unnecessarily | instead of | severity | race condition | edge case
        edge cases | in this case | for example | however | therefore | otherwise | additionally | ensure | this means
        which means | the function | the method | the test | the code | the comment | the call | the current | the new
        the same | is called | are called | is used | is not | are not | does not | will not | never | always | only
        without | when the | if the | because the | since the | but the | on line | at line | lines | line
    """,
    "hedge": """
        maybe | perhaps | i think | i guess | i believe | i suppose | probably | possibly | might | seems | kind of
        sort of | a bit | somewhat | imo | imho | not sure | i'm thinking | thinking about | thinking that | wondering
        i wonder | hmm | um | uh | in theory | technically | ideally | theoretically | actually | tbh | to be honest
        honestly
    """,
    "answer": """
        it's | it is | they're | they are | i am using | i'm using | we use | we're using | we have | i have | i've
        we are | we're | yes | no | yep | nope | both | neither | either | all of them | the first | the second
        the third | the former | the latter | option | i think | my | our | because | depends | currently | already
        as you | whatever you | up to you | your call | i don't know | i don't care | doesn't matter | don't mind
    """,
    "sorry": """
        sorry | my bad | whoops | oops | apologies | my mistake | i should have
    """,
    "thanks": """
        thanks | thank you | thx | great | perfect | nice | awesome | excellent | cool | good | love it | works now
        working now | it works | that works | lgtm | looks good | well done
    """,
    "goahead": """
        go ahead | do it | do that | do this | let's do it | let's do that | proceed | continue | go for it
        sounds good | yes please | please do | ship it | make it so | let's go | keep going | carry on | yes do | do so
    """,
}
SHAPES = {
    "notas": r"\b(?:not (?:as|what|how|the way|where|when)|unlike|contrary to|against)\b",
    "stillsee": r"\b(?:i|it|we|this|that|they)(?:'ve|'m|'re|'s)? (?:also )?(?:still|keeps?)\b"
    r"|\bstill (?:get|getting|got|see|seeing|have|has|having|fails?|failing|not|doesn't|don't|isn't|broken|there|"
    r"shows?|showing|the same|wrong|says|happens|happening|an?|using|no)\b"
    r"|\b(?:same (?:error|issue|problem|result|thing happens)|happen(?:s|ed) again|again the same|(?:is|are) back)\b",
    "youact": r"\byou (?:(?:just|also|still|only|already|again|even|actually|probably|might|may) )?(?:\w{1,20}ed|did|"
    r"didn't|don't|made|wrote|put|took|left|lost|forgot|got|went|kept|built|ran|used|said|told|misread|are|were|have|"
    r"haven't|should|shouldn't|need|can't|cannot|keep|always|never)\b",
    "wenot": r"\bwe (?:didn't|don't|haven't|aren't|shouldn't|can't|never|lost|broke|missed|forgot)\b",
    "isnt": r"\b(?:is|are|was|were|does|do|did|has|have|should|would|could)n't (?:it|this|that|these|those|the|we|you|"
    r"there|they|i)\b",
    "should": r"\b(?:it|this|that|these|they|there|we|you|the [\w`./-]{1,60}) "
    r"(?:(?:really|also|only|just|probably|then) )?(?:should|needs? to|must|ha(?:s|ve) to|ought to)\b"
    r"|\bshould (?:be|have|also|only|just|still|probably|actually|really|work|show|return|use|contain|match|say|go|"
    r"live|stay|come|look|not)\b",
    "shouldwe": r"\b(?:should|shall) (?:we|i|it|this|that|they|there|the)\b",
    "undoagain": r"\b(?:remove|revert|delete|undo|change|move|add|put|try|check|run|rename|look)\b[^.?!\n]{0,60}?"
    r"\b(?:again|back)\b",
    "butthis": r"(?:^|[.!?\n,] ?)(?:(?:okay|ok|yes|yeah|hmm|well|sure|right|great|nice|good|cool|all good|thanks),? )?"
    r"(?:but|except|however|though|although|only thing|one (?:thing|issue|problem))\b",
    "means": r"\b(?:this|that|it|so) (?:(?:would|will|also|now) )?means?\b",
    "tag": r"(?:right|correct|no|yes|yeah|or|isn't it|doesn't it|don't we|hey|huh|eh|ok|okay|is it|or not) ?\?",
    "lineref": r"\b(?:lines?|l)[ :]?\d|:\d{1,6}(?:-\d{1,6})?\b",
    "url": r"https?://",
    "quote": r'(?:^|\n)[ \t]{0,8}>|"""|```',
    "numbered": r"(?:^|\n)[ \t]{0,8}\d[.):] ",
    "number": r"^\s{0,8}(?:#?\d|[a-d])(?:[.):,\s]|$)",
    "outburst": r"[!?]{2}|\.\.\.\?|\b(?:wtf|ffs|fml|damn|argh|ugh|gah|sigh|seriously|come on|oh no|omg|hell|crap|shit|"
    r"fuck\w{0,9}|ridiculous|terrible|horrible|awful|annoying|annoyed|frustrat\w{1,9}|disappoint\w{1,9}|unacceptable|"
    r"nonsense|lazy|stupid|useless)\b|[\U0001f644\U0001f621\U0001f624\U0001f926\U0001f62d\U0001f605\U0001f937]",
    "dots": r"\.\.\.|…",
}
"""On the lower-case text, apostrophes straight."""
CASED = {
    "idents": r"\b[a-z]{1,40}[A-Z]\w{0,60}|\b\w{1,60}_\w{1,60}\b|\w\(\)|\w\.(?:go|py|tsx?|js|rs|md|json|ya?ml|sh|java|"
    r"rb|css|html)\b",
    "shouted": r"\b(?!TODO|README|CLAUDE|CHANGELOG|LICENSE|JSON|HTML|HTTP|YAML|NULL|POST)[A-Z]{4,40}\b|\b_\w{1,40}_\b"
    r"|\*\w{1,40}\*",
}
"""On the text as it is."""
COUNTED = frozenset({"finding", "idents", "hedge", "fails", "missing"})
"""Moves that say more the more often they come."""
STARTERS = """
    please | now | then | also | just | let's | lets | can you | could you | can we | could we | would you
    we need to | we should | i want you to | i'd like you to | i'd like to | i want to | you should | you can
    go ahead and | help me
"""
VERBS = """
    add create write implement make build generate update change rename move refactor extract use put set replace
    convert merge run test check verify review analyze analyse look read open show list commit push fix remove delete
    install deploy continue start find search explain investigate document clean improve simplify try give do go let's
    bump rebase pull format apply include wrap split copy draft post reply publish close log print ensure enable disable
    configure design plan brainstorm summarize summarise mention link reword rewrite skip keep leave
"""
FILLERS = (
    "ok okay yes yeah great nice perfect good cool now then next please also and thanks alright sure so hey well first"
)

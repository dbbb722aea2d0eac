"""English phrases by cue; a table, no code.

Owns: `TABLE`.
Never: holds a phrase that names a project, a person or a tool of one user.
Invariant: phrases are lower case and separated by "|" or a line end.
"""

from __future__ import annotations

TABLE = {
    "not": """
        not | isn't | aren't | wasn't | weren't | doesn't | don't | didn't | won't | can't | cannot | couldn't
        shouldn't | hasn't | haven't | without | nothing | never | none | no
    """,
    "open_no": """
        almost there | no | nope | nah | noo | nooo | not quite | not really | not yet | not exactly | not as
        not just | not the | not a | wrong | nevermind | never mind | false | incorrect | negative
    """,
    "open_stop": """
        stop | wait | hold on | hang on | hold up | pause | let's pause | let me stop you | abort | cancel | halt
        whoa | woah | what are you doing | forget it | forget that | forget about | drop that | scrap that | slow down
        too slow | too long | too much | too many | too complex | too complicated
    """,
    "open_you": """
        you | your | you're | you've | u
    """,
    "but": """
        but | except | however | though | although | apart from | other than that | only thing
    """,
    "open_but": """
        but | umm | ummm | except | actually | however | hmm | hm | um | uh | erm | emm | ehh | although | yet
        technically | except that | wrt | though | even more | almost | almost there
    """,
    "open_accept": """
        yes | yep | yeah | yup | ya | yea | yess | y | ok | okay | k | kk | sure | alright | fine | right | correct
        exactly | agreed | absolutely | definitely | indeed | of course | go | great | perfect | nice | good | cool
        awesome | excellent | amazing | fantastic | wonderful | beautiful | thanks | thank you | thx | ty | cheers
        lgtm | looks good | sounds good | that works | works for me | makes sense | ship it | approved | i agree
        all good | love it | i like it | i like that | yes please | please do | done
    """,
    "open_ask": """
        what | what's | why | how | how's | who | whose | where | where's | when | which | is | are | isn't | aren't
        does | do | did | don't we | doesn't | didn't | was | were | has | have | had | hasn't | haven't | will
        would | should | shouldn't | could | couldn't | can | can't | won't | am i | any | q | question
        genuine question | learning q | thoughts | and what | and how | and why | is it | is there | curious
        i wonder | i'm wondering | wondering | just wondering | what about | how about | how come
    """,
    "open_order": """
        the same for | same for | same thing for | same here | add | fix | remove | delete | implement | create
        write | update | change | rename | move | make | refactor | run | rerun | re-run | test | check | look
        have a look | take a look | review | commit | push | pull | merge | rebase | deploy | build | install
        generate | use | set | put | give | show | list | find | search | read | open | close | start | try | retry
        let's | lets | let us | please | pls | plz | next | then | convert | extract | replace | clean | format
        document | explain | investigate | debug | brainstorm | plan | design | draft | apply | include | wrap
        import | export | migrate | upgrade | bump | configure | enable | disable | optimize | improve | simplify
        split | copy | log | verify | validate | ensure | handle | address | resolve | work on | analyze | analyse
        summarize | compare | download | upload | publish | release | tag | squash | stash | checkout | switch
        branch | amend | cherry | post | reply | respond | call it | i want | i'd like | i would like | i need
        we need | we need to | we should | you should | we want | i'm going to need | time to | help me | go through
        continue with | proceed with | wire | follow | finish | complete | force | mark | increase | decrease | reduce
        hide | sort | style | insert | attach | connect | setup | scaffold | port | bring | pick | turn | store | save
        send | track | record | introduce | adjust | tweak | expand | extend | double check | ask | feature | todo
        task | note that | remember | based on | one more | one last | another | finally | first | separately | walk
        go | print | dump | echo | mock | stub | lint | ignore | skip | leave | keep | restart | reload | rebuild
        recreate | regenerate | redo | do the same | do a | do an | look at | read the
    """,
    "open_inform": """
        i think | i'm | i am | i've | i have | i had | i was | i just | i don't | i do | i use | i did | i can | i'd
        i'll | i mean | i believe | i guess | i see | it's | it is | it was | it will | that's | that is | there's
        there is | there are | they | they're | we | we're | we've | we have | we are | we already | we use | the
        this is | my | our | in my | in our | so | because | since | as | for | both | all | neither | either | only
        just | let's keep | maybe | perhaps | probably | fyi | note | ideally | in theory | intentional | here is
        here's | here are | see
    """,
    "filler": """
        umm | ummm | hmmm | ok | okay | hmm | hm | well | so | also | and | ah | oh | um | uh | er | erm | emm | ehh
        yeah | yes | yep | right | great | cool | alright | sorry | hey | hi | just | now | then | ooh | crap | fyi
        please | i mean | i think | yo | like | lol | haha | nice | good | thanks | btw | q | uh oh | oh no | but
        claude | codex | gemini
    """,
    "harmless": """
        no problem | no problems | no worries | no issue | no issues | no rush | no changes needed | no objection
        no objections | no thanks | no more | no further | no doubt | no one | no preference | not a problem
        don't worry | no errors | no error | 0 errors | can't wait | couldn't wait | wait for | waits for
        waiting for | don't hesitate | i don't know | i don't mind | not sure | no idea | don't care | why not
        no longer | if not | or not | whether or not | error handling | error message | error messages | stop hook
        stop hooks | fail fast | wrong way | don't we | doesn't it | isn't it | don't you | without errors
        if it fails | if that fails | when it fails | on failure | wait until | wait time | instead of main
        stop here | if it doesn't work | what's wrong | what is wrong | what went wrong | fix the bug | fix bug
        should we | should i | what should | how should | which should | where should | fixes the issue | pull request
        mergefailure
    """,
    "undo": """
        please revert | please undo | let's go back | let's revert | let's undo | let's roll back | put them back
        put those back | change it to | revert | reverting | undo | roll back | rollback | rolled back | put it back
        put that back | bring it back | bring back | bring that part back | change it back | change that back
        go back to | switch back | move it back | restore the | restore it | take it out | take that out | back out
        redo | start over | start from scratch | restart from | undo that | reset to
    """,
    "dont": """
        can we not | can you not | could we not | could you not | let me not | no need | no need to | no need for
        please don't | please do not | let's not | please stop | leave the | don't | do not | dont | never
        stop doing | stop using | stop adding | stop trying | no need for this | not necessary | shouldn't
        should not | shouldnt | must not | mustn't | i didn't ask | didn't ask | nobody asked | don't want
        do not want | don't need | doesn't need | don't like | not like | without changing | leave it alone
        leave it as | leave that | keep it as | only do | drop the | let's just drop | let's drop | i'd rather
        rather not | rather than | rather use | rather have | we don't want | not intended | unneeded | unnecessary
        not needed
    """,
    "fault": """
        too risky | too heavy | too wide | too narrow | too bright | too dark | too close | too far | too deep
        too simple | too expensive | too dangerous | too abstract | too clever | too specific | too vague | too fast
        too late | too aggressive | too loose | too tight | hardcoded | hard coded | cut off | swapped | mixed up
        the wrong way | too complicated | too complex | too hard | too short | too early | too strict | too broad
        too generic | too low | too high | too noisy | too similar | is red | are red | went red | goes red | blank
        empty page | no luck | no effect | didn't help | doesn't help | same result | off by | is off | are off
        overcomplicated | overly | freezes | frozen | won't | refuses | nowhere | makes no difference | worse | argh
        arggh | arrgh | arrggghh | gah | crap | oh no | uh oh | oops | no good | is no good | lint fail | lint fails
        test fails | tests fail | test fail | test failed | build fails | build failed | build fail | test still fails
        build is broken | test is broken | i don't like | don't like | not a fan | doesn't sound | does not sound
        wrong | incorrect | incorrectly | broken | broke | not right | isn't right | not correct | isn't correct
        not what | isn't what | wasn't what | not how | mistake | mistakes | mistaken | you missed | forgot
        forgotten | doesn't work | does not work | didn't work | did not work | don't work | doesnt work | not working
        isn't working | aren't working | not work | isn't really working | stopped working | won't work
        wouldn't work | can't work | cannot work | regressed | doesn't make sense | makes no sense | don't see
        not seeing | can't see | cannot see | didn't see | did not see | doesn't seem | does not seem | doesn't look
        does not look | not showing | doesn't show | didn't show | doesn't appear | nothing happens | nothing happened
        never happens | did nothing | not happy | not good | terrible | horrible | awful | ugly | useless | nonsense
        garbage | hallucinated | hallucinating | made it up | make it up | made up | not enough | isn't enough
        not fixed | isn't fixed | not done | isn't done | not true | isn't true | not the case | misunderstood
        misunderstand | misread | too slow | too verbose | over engineered | overengineered | overwrote | messed up
        screwed | wtf | what the hell | ffs | sigh | damn | ugh | come on | doesn't exist | does not exist
        didn't exist | isn't there | not there | cannot find | can't find | not being | isn't being | aren't being
        doesn't handle | does not handle | doesn't have | doesn't update | doesn't do | doesn't match | does not match
        didn't change | hasn't changed | nothing changed | no difference
    """,
    "trouble": """
        400 | 401 | 403 | 404 | 500 | 502 | 503 | swallows | swallowed | typo | mismatch | nothing shows | too much
        too many | too long | no change | flaky | inconsistent | obsolete | deprecated | leaks | leak | slow | slower
        rejected | can't | cannot | nope | breaks | break | missed | missing | misses | fails | failing | failed
        fail | failure | failures | error | errors | crash | crashes | crashed | crashing | bug | bugs | buggy
        regression | issue | issues | problem | problems | conflict | conflicts | don't think | bad | weird | odd
        strange | unexpected | misleading | outdated | incomplete | duplicate | duplicates | duplicated | duplicating
        redundant | unfinished | lost | disappeared | gone | not implemented | not used | unused | hard to read
        hard to follow | confusing | too big | too small | overkill | not allowed | ignored | ignoring | skipped
        overwrites | overwritten | stuck | hangs | hanging | no such | not found | undefined | unable to
    """,
    "still": """
        still | again | once more | yet again | keeps | keep getting | keep seeing | same error | same problem
        same issue | same thing | as before | already told | already said | i told you | i said | as i said
        i already | like i said | twice | third time | second time
    """,
    "instead": """
        instead | rather than | actually | in fact | on second thought | on second thoughts | second thought
        what i meant | i meant | that's not | that isn't | this isn't | this is not | that is not | it's not
        it isn't | not that | not this | not the | other way around | different approach | another approach
        in favour of | the opposite | let's not | maybe like this | like this then
    """,
    "should": """
        should be | should have | should've | should only | should not | should also | should just | should use
        should still | ought to | supposed to | needs to be | need to be | has to be | must be | was supposed
        is supposed | expected | it should | they should | you should | you need to | you must | you have to
        would be better | is better | better to | i expected | i was expecting | i wanted | i asked | we wanted
    """,
    "swap": """
        try again | do it again | something else | try something | stick to | stick with | keep the original
        keep the existing | keep the old | think again | from scratch | instead | rather than | remove that
        remove it | remove those | remove them | remove these | delete that | delete it | delete those
        get rid of that | get rid of it
    """,
    "blame": """
        have you tested | have you run | have you checked | did you test | did you run | did you check
        did you verify | did you try | as i said | like i said | i already said | i asked for | i asked you | i said
        i meant | i only asked | i only wanted | all i wanted | you're going | you are going | you're still
        you're using | you're doing | you went | you changed | why did you | why are you | why have you
        why would you | why didn't you | why aren't you | why haven't you | why can't you | how could you
        what did you do | what have you done | what are you doing | did you not | didn't you | haven't you
        have you make | you forgot | you missed | you didn't | you did not | you haven't | you have not | you're not
        you aren't | you are not | you broke | you removed | you deleted | you lost | you skipped | you ignored
        you misunderstood | you were supposed | you keep | you shouldn't | you should have | you claimed
        your change broke | did you forget | did you miss | did you even | did you actually | did you really
        have you even | stop doing | stop using | stop adding | stop trying | i told you | i already told
        i didn't ask | didn't ask | that's not what | not what i | isn't what i | wasn't what i
    """,
    "explain": """
        explain | tell me | remind me | walk me through | describe | elaborate | clarify | give me a summary
        summarize what | help me understand | help me find | show me how
    """,
    "reproach": """
        does this even | does it even | is this even | did this even | do you even | where did my | what happened to
        where did all | why do you | why don't you | why is it | why not | why can't | how did you miss | how did this
        how did we miss | are you sure | are we sure | you changed | you made | you just | you still | you again
        you only | you said | you told me | you wrote | you added | you've | did we not | didn't we | haven't we
        isn't this | isn't that | aren't these | shouldn't we | shouldn't this | shouldn't it | shouldn't that
        wasn't this | wasn't that | wasn't it | couldn't we just | wouldn't that | wouldn't it | wouldn't this
        doesn't this | doesn't that | doesn't the | isn't it already | isn't the | aren't we | aren't you | didn't i
        do we have this | is this not | is that not | is the fix not | can't we just | couldn't we | why can't we
        wasn't the | weren't we | weren't you | shouldn't the | shouldn't there | shouldn't these | shouldn't you
        then why | why isn't | why aren't | why doesn't | why don't we | have we lost | your fix | your change
    """,
    "review": """
        high severity | medium severity | low severity | critical severity | severity high | severity medium
        severity low | nit | nits | nitpick | p0 | p1 | p2 | p3 | consider adding | consider using
        consider extracting | consider logging | consider whether | consider moving | consider renaming | consider
        review comment | this duplicates | duplicates similar | duplicates logic | duplicate code | missing test
        missing tests | test coverage | misleading | is outdated | is incorrect | is inconsistent | inconsistent with
        silently | could lead to | can lead to | may lead to | this could | this can | this may | this will
        this means | this would | instead of calling | instead of using | instead of duplicating
        should use the existing | the comment | the inline comment | the function | the method | on line | at line
        lines | at lines | suggested change | additional locations | bugbot | copilot | reviewer | potential issue
        race condition | unnecessarily
    """,
    "proceed": """
        go ahead | go for it | go on | do it | do this | do that | do so | let's do it | let's do this | let's do that
        let's go | let's go with it | let's go ahead | let's keep going | keep going | continue | carry on | proceed
        please continue | please proceed | make it so | start | begin | yes please | please do | do all | do both
        all of them | all of the above | yes to all | let's proceed | let's continue | resume | start it | yes do it
        go with that | go with it
    """,
    "act": """
        commit it | commit this | commit that | commit | push it | push | merge it | run it | close it | send it
        apply it | implement it | implement this | implement that | ship it | execute it | write it up | write it
        fix it | fix this | fix that | fix it up | let's implement this | let's implement it | let's fix it
        let's fix this | let's fix that | let's ship it | let's commit | let's push | execute | deploy it
    """,
    "praise": """
        sounds like a plan | works for me | happy with | beautiful | brilliant | solid | thanks | thank you | thx
        cheers | lgtm | looks good | look good | looks great | looks right | looks correct | sounds good
        sounds great | sounds right | great | perfect | nice | awesome | excellent | love it | well done | good job
        great job | nice work | good work | great work | that works | works now | works great | it works | all good
        fine by me | fine with me | is fine | it's fine | that's fine | makes sense | good point | good idea
        great idea | i agree | good catch | nice catch | exactly
    """,
    "request": """
        can you | can you please | could you | would you | will you | can we | could we | shall we | can i get
        could i get | may i have | please | pls | i want you to | i want to | i'd like you to | i'd like
        i would like | i need you to | we need to | we should | we should also | i want | i also want | i do want
        i do also want | i do need | we want to | need to | help me | make sure | would be nice | would be great
        would be good | go and | should we also | can't we just
    """,
    "lets": """
        let's | lets | let us
    """,
    "tell": """
        what does | what do | what did | why did | where do | where does | when is | when does | when will | who is
        how can | how many | how much | how long | how big | how often | genuine question | learning q | question
        one question | quick question | now a question | a question | can you tell | can you explain
        could you explain | could you tell | can you tell me | can you remind | can you clarify | can you elaborate
        explain | explain to me | explain how | explain why | tell me | remind me | do you know | do you have
        do you think | any idea | any thoughts | what do you think | thoughts | is there a | is there any
        are there any | is that | is this | what is | what's | what are | how does | how do | how is | how are
        why is | why are | why does | why do | where is | where are | which | can it | can they | does it | does that
        does this | will it | will this | would it | would that | what happens | what about | how about | what if
        so if | when do | are we | do we | did we | have we | can i | could i | should i | do i | could this
        could that | can you see | can this
    """,
    "tag": """
        right ? | yeah ? | yes ? | no ? | correct ? | hey ? | ok ? | okay ? | isn't it ? | doesn't it ? | don't we ?
        wouldn't it ? | aren't they ? | is it ? | ya ? | huh ? | eh ? | innit ?
    """,
    "prefer": """
        i think | i prefer | i'd prefer | i'd say | i'd go | i like | i guess | i believe | in my opinion | imo
        probably | maybe | let's keep | let's use | let's go with | go with | we use | we have | we don't | we already
        it depends | as long as | it needs | it's for | because | since | currently | for now | my understanding
        it's in | it's at | it is | should be fine | is fine | just for | fyi | the alternative | intentional
    """,
    "doubt": """
        before we | before you | are you sure | are we sure | wait | hmm | hold on | i don't think | i don't see
        i'm not sure | not convinced | not sold | why not | why do we need | do we really | do we need
        is that really | really | seems | it seems | looks like | i thought | i would have | wouldn't
    """,
}

"""What the clause reader knows of English: classes of verbs, subjects, negators, judgements; a table, no code.

Owns: the word lists of `clauses`.
Never: holds a word that names a project, a person or a tool of one user.
Invariant: words are lower case with straight apostrophes; a verb stands in its plain form in one class only, its other
forms follow from it or stand in `IRREGULAR`.
"""

from __future__ import annotations

VERBS = {
    "see": """
        see notice spot find observe hear watch witness detect encounter discover experience recognize recognise
    """,
    "get": "get receive hit obtain fetch face",
    "show": """
        show display look render appear print output report return seem list present reveal sound emit feel log
        highlight point indicate
    """,
    "fail": """
        fail break crash hang freeze error throw raise panic stall leak die block corrupt explode regress conflict choke
        timeout complain reject refuse deny prevent violate confuse mislead suffer hurt spam flicker mess screw
        blow flake deadlock collide overlap misbehave
    """,
    "lack": """
        miss forget lose skip ignore omit lack overlook swallow overwrite clobber truncate duplicate repeat
        disappear vanish neglect mask hide exclude
    """,
    "make": """
        add create write implement build make generate introduce insert include define declare scaffold draft produce
        install configure compose design initialize initialise register append prepend attach put inject
        instantiate prepare provide provision
    """,
    "cut": """
        remove delete drop discard strip kill purge clean erase clear prune uninstall eliminate disable cut trim
        deprecate
    """,
    "undo": "undo revert restore reset roll rollback redo reinstate recover unstage unwind backtrack",
    "alter": """
        change update rename replace move refactor edit modify convert rewrite split extract simplify adjust tweak
        switch swap bump format rework reorganize reorganise restructure reword rephrase inline wrap combine
        consolidate unify sort reorder migrate port upgrade downgrade improve optimize optimise extend expand shorten
        reduce increase tighten align copy touch override limit restrict separate
    """,
    "mend": "fix correct resolve solve handle address repair debug patch cover support catch fulfil satisfy",
    "tell": """
        say tell explain ask mention describe clarify summarize summarise answer reply comment document call name
        suggest recommend propose mean refer elaborate respond state claim advise talk discuss link note
        quote specify post share paste
    """,
    "want": "want wish like love hate prefer hope expect dislike enjoy appreciate intend aim desire favor favour mind",
    "think": """
        think believe know understand doubt wonder assume guess suppose realize realise remember worry consider
        imagine suspect figure reckon learn decide agree disagree care concern recall plan
    """,
    "go": """
        continue proceed commit push merge go start begin ship deploy release resume finish complete rebase pull submit
        publish launch open close land squash amend stage finalize finalise tag
    """,
    "stop": "stop wait hold cancel abort pause avoid quit halt leave postpone defer park",
    "try": """
        test check verify review validate confirm try run inspect investigate examine audit
        search analyze analyse explore trace measure benchmark reproduce rerun execute click scan grep
    """,
    "work": "work pass compile succeed load function trigger fire behave apply",
    "use": "use need require rely depend invoke reuse utilize utilise employ consume access read import export",
    "happen": """
        happen cause lead result occur become turn come end ensue affect force imply
        differ
    """,
    "have": "have own contain consist",
    "fit": """
        match equal fit follow conform belong mirror respect comply honor honour reflect resemble relate correspond
    """,
    "keep": "keep stay remain persist live preserve maintain retain store save",
    "give": "give take bring send let help allow enable assign hand offer pick choose select grab",
    "do": "do act perform",
}
IRREGULAR = """
    see saw seen seeing | find found found finding | hear heard heard hearing | get got gotten getting
    hit hit hit hitting | show showed shown showing | break broke broken breaking | hang hung hung hanging
    freeze froze frozen freezing | throw threw thrown throwing | forget forgot forgotten forgetting
    lose lost lost losing | hide hid hidden hiding | write wrote written writing | build built built building
    make made made making | put put put putting | cut cut cut cutting | reset reset reset resetting
    undo undid undone undoing | redo redid redone redoing | rewrite rewrote rewritten rewriting
    split split split splitting | say said said saying | tell told told telling | mean meant meant meaning
    think thought thought thinking | know knew known knowing | understand understood understood understanding
    feel felt felt feeling | go went gone going | begin began begun beginning | hold held held holding
    leave left left leaving | quit quit quit quitting | run ran run running | come came come coming
    become became become becoming | lead led led leading | keep kept kept keeping | give gave given giving
    take took taken taking | bring brought brought bringing | send sent sent sending | let let let letting
    choose chose chosen choosing | catch caught caught catching | do did done doing | have had had having
    read read read reading | fit fit fit fitting | set set set setting | override overrode overridden overriding
    learn learned learned learning | hurt hurt hurt hurting | spend spent spent spending | rerun reran rerun rerunning
    mislead misled misled misleading | blow blew blown blowing | overwrite overwrote overwritten overwriting
    bind bound bound binding | withdraw withdrew withdrawn withdrawing | rebuild rebuilt rebuilt rebuilding
    die died died dying | lie lay lain lying | tie tied tied tying | imply implied implied implying
    swap swapped swapped swapping | drop dropped dropped dropping | skip skipped skipped skipping
    omit omitted omitted omitting | strip stripped stripped stripping | trim trimmed trimmed trimming
    stop stopped stopped stopping | commit committed committed committing | submit submitted submitted submitting
    ship shipped shipped shipping | refer referred referred referring | prefer preferred preferred preferring
    occur occurred occurred occurring | log logged logged logging | debug debugged debugged debugging
    plan planned planned planning | format formatted formatted formatting | spot spotted spotted spotting
    wrap wrapped wrapped wrapping | pick picked picked picking | spam spammed spammed spamming
    scan scanned scanned scanning | grep grepped grepped grepping | grab grabbed grabbed grabbing
    tag tagged tagged tagging | permit permitted permitted permitting | unwind unwound unwound unwinding
"""
"""Plain form, past, participle, "-ing"; the third person is regular."""
NOUNS = """
    test build change run check look work use call fix update commit push merge name error output report show display
    return list set comment review release plan break hang crash hit reset need love start stop match try copy move
    design document format value log note point result cause state find tag link patch limit support answer reply
    quote post share import export access read hold handle address wait pause leak block conflict loop panic branch
    lead switch swap trigger load function fire cover trace benchmark search scan throw catch pull end turn split
    design draft sound present experience watch clear open close correct separate complete clean live mean like
    question file line comment hook mess duplicate help hand store save cut feel port upgrade claim state
    concern doubt care guess mind hope wish favor aim worry override click timeout rollback patch mask stage
"""
"""Plain forms that are as often a noun or an adjective."""
SUBJECTS = {
    "i": "i i'm i've i'd i'll im ive",
    "we": "we we're we've we'd we'll us",
    "you": "you you're you've you'd you'll u your youre claude",
    "it": "it it's it'd it'll this that that's that'd that'll these those its thats",
    "they": "they they're they've they'd they'll he she he's she's someone somebody people users everyone anyone",
    "there": "there there's theres there're",
    "nothing": "nothing none nobody neither noone nowhere",
}
SHORTENED = {
    "be": """
        i'm we're you're they're im youre that's it's he's she's there's thats theres there're what's where's who's
        how's
        here's
    """,
    "have": "i've we've you've they've ive",
    "would": "i'd we'd you'd they'd it'd that'd",
    "will": "i'll we'll you'll they'll it'll that'll",
}
"""What hangs on a subject by an apostrophe."""
AUXILIARIES = {
    "be": "is are was were am be been being isn't aren't wasn't weren't ain't isnt arent wasnt werent ain't",
    "do": "do does did don't doesn't didn't dont doesnt didnt",
    "have": "have has had haven't hasn't hadn't havent hasnt hadnt",
    "should": "should must shouldn't mustn't ought shouldnt shall shalln't",
    "can": "can can't cannot cant",
    "would": "would could might may wouldn't couldn't mightn't wouldnt couldnt",
    "will": "will won't wont gonna",
}
PAST = "was were did had didn't wasn't weren't hadn't didnt wasnt werent could"
NEGATORS = """
    not no never nothing none nobody neither nor nowhere without hardly barely cannot isn't aren't wasn't weren't
    don't doesn't didn't haven't hasn't hadn't shouldn't mustn't can't wouldn't couldn't won't ain't isnt arent wasnt
    werent dont doesnt didnt havent hasnt cant wouldnt couldnt wont shouldnt mightn't nope
"""
ADVERBS = """
    also just still only already now really actually probably maybe perhaps simply even always never ever often
    sometimes usually currently again then definitely certainly clearly obviously basically literally apparently
    generally normally completely totally fully kind of sort all both not so quite rather first finally instead
    therefore then silently incorrectly correctly properly accidentally explicitly automatically directly however
    otherwise immediately effectively potentially likely unfortunately
"""
"""What may stand between a subject and its verb."""
LEADERS = {
    "yes": "yes yeah yep yup ya yea sure ok okay k alright right fine absolutely exactly agreed correct y",
    "no": "no nope nah wrong n",
    "thanks": "thanks thank thx great good perfect nice cool awesome excellent lovely amazing sweet brilliant",
    "but": "but however though although except yet still whereas",
    "hm": "hm hmm hmmm um umm uh er err ah oh ugh huh well wow argh ouch eh meh ehh hrm mm mmm arg gah yikes crap damn",
    "wait": "wait hold stop careful oops whoops sorry",
    "almost": "almost nearly close partly partially half mostly",
    "also": "also additionally furthermore moreover plus besides and",
    "then": "then next now afterwards finally first second third lastly so",
    "actually": "actually rather instead honestly really technically basically",
    "please": "please pls plz just kindly",
    "maybe": "maybe perhaps possibly probably ideally wondering alternatively",
    "call": "hey hi hello claude codex gemini q question btw fyi note",
}
"""What may stand before the beginning of a clause, by what it says."""
FRAMES = {
    "ask": """
        can you | could you | would you | will you | can u | could u | can you please | could you please
        would you please
        can you just | can you also | could you also | could you just | i want you to | i'd like you to | i need you to
        i would like you to | would you mind | would you be able to | help me | i want u to | pls can you
        please can you | i wanted you to | do you mind | are you able to
    """,
    "wish": """
        i'd like to | i want to | i would like to | i'd love to | i'd like it if | i would like it if | i need to
        it would be nice if | it'd be nice if | it would be nice to | it would be good to | it would be good if
        it would be great if | it would be great to | would be nice to | would be nice if | would be good to
        would be great to | it would be better to | it would be better if | i wanted to | i was hoping
        i'd like | i would like | i want | i need | i wanted | i'd love | i'd like us to | i want us to
        i am trying to | i'm trying to | would love to | i wish | i hope | i'd love it if | ideally
    """,
    "prefer": """
        i'd prefer | i would prefer | i'd rather | i would rather | i prefer | i'd much rather | we'd rather
        we would rather | we prefer | i'd prefer to | i'd prefer if | i'd prefer that | i rather | i'd go with
        i would go with | i'd lean | i lean | i'd vote for | i'd keep | i'd suggest | i would suggest | i suggest
        i'd propose | i propose | i would | i'd just | i would just | i would also | i'd also | my preference is
    """,
    "ought": """
        we need to | we should | we have to | we must | we should just | we should also | we ought to | we gotta
        we need | we want to | we want | we still need to | we also need to | we should probably | we probably should
        we shouldn't | we should not | we don't want to | we don't need to | we don't want | we don't need
    """,
    "charge": """
        you need to | you should | you have to | you must | you should have | you can | you could | you should also
        you should just | you shouldn't | you should not | you shouldn't have | you don't need to | you don't have to
        you can't | you cannot | you could have | you're supposed to | you were supposed to | you need
        you still need to
        you also need to | you may | you might want to
    """,
    "may": """
        can we | could we | should we | shall we | can i | could i | may i | should i | do we need to | do we want to
        do we have to | do i need to | do i have to | can we please | can we just | can we also | should we also
        should we just | could we just | could we also | can we maybe | are we able to | do you need | do we need
        do we really need | do we even need | do we really need to | do we really want to
    """,
    "whynot": """
        why don't we | why not | why not just | what if | how about | what about | what if we | how about we
        why can't we | why don't you | would it be possible to | is it possible to | would it make sense to
        does it make sense to | would it be better to | is it better to | might be better to | maybe better to
        better to | wouldn't it be better to | can't we | couldn't we | shouldn't we | can't we just | couldn't we just
        can't you | couldn't you | shouldn't you | couldn't we also | shouldn't we also | why don't we just
        wouldn't it be better if | would it be better if | wouldn't it make sense to | wouldn't it make more sense to
        would it make more sense to | isn't it better to | could it be | may it be | might it be
    """,
    "lets": "let's | lets | let us | let's just | let's also | let's please | lets just | lets also | let's maybe",
    "opine": """
        i think | i guess | i believe | i feel like | i feel | i suppose | i suspect | i assume | i'd say | i would say
        i'm thinking | i was thinking | i thought | i would think | i'd think | i'm pretty sure | i'm sure
        i'm guessing | pretty sure | i think that | i believe that | i feel that | i think so | imo | imho
        in my opinion | my understanding is | my understanding was | i understand | as far as i know | afaik
        as far as i can tell | i'm thinking about | i would argue | i'd argue | i reckon | i imagine | i figured
    """,
    "seem": """
        it seems | it seems like | seems like | it looks like | looks like | it sounds like | sounds like
        it seems that
        it turns out | turns out | it appears | it appears that | seems | apparently | it feels like | feels like
        this seems | that seems | this looks like | that looks like | this feels | that feels | that sounds
        this sounds | it feels | it looks | that looks | this looks
    """,
    "expect": """
        i would expect | i'd expect | i expected | i was expecting | i would have expected | i'd have expected
        i would have thought | i'd have thought | i had expected | i'm expecting | i expect | i assumed
        i'd assume | i would assume | i would've expected | i would've thought
    """,
    "notice": """
        i see that | i noticed that | i notice that | i noticed | i notice | i see | i saw | i saw that | i found
        i found that | i can see | i'm seeing | i am seeing | i just noticed | i just saw | i realized | i realised
        i just realized | i just realised | i've noticed | i also noticed | i also see | i still see | we see | we saw
        we're seeing | i get | i got | i'm getting | i am getting | i still get | i'm still getting | i'm still seeing
        i keep getting | i keep seeing | we get | we got | we're getting | now i get | now i see | we still get
        we still see
    """,
    "unseen": """
        i don't see | i can't see | i didn't see | i do not see | i cannot see | i haven't seen | i'm not seeing
        i see no | i still don't see | i don't get | i can't find | i didn't get | i couldn't find | i still can't
        i can't | i cannot | i couldn't | i am unable to | i'm not able to | i'm unable to | i still can't see
        i never saw | i never got | i don't find | i haven't gotten | we don't see | we didn't see | we can't
    """,
    "doubt": """
        i wonder if | i wonder | i'm wondering if | i'm wondering | i was wondering if | i'm not sure if | not sure if
        i'm not sure | not sure | i don't think | i do not think | don't think | i don't believe | i doubt | i'm afraid
        i'm not sure that | not sure that | i'm unsure | i don't know if | i don't know | i wonder whether
        i wonder why | i don't understand | i do not understand | i'm confused | i'm not convinced | not convinced
        i'm worried | i'm concerned | i don't like | i do not like | not a fan | i'm not a fan | i don't love
        i don't want | i don't want to | i do not want | i don't need | i disagree | i don't agree
        i'm skeptical | i'm not happy | i question | not sure why | i'm not sure why | not sure about
        i'm not sure about | not sure i | i'm not sure i
    """,
    "inquire": """
        do you think | don't you think | are you sure | are we sure | is it possible that | do you know
        is there a way to | is there any way to
        any idea | any chance | any reason | you sure | is it true that
        is it correct that | is it right that | am i right that | am i correct that | do i understand
        do i understand correctly | so you mean | are you saying | do you mean | did you mean | does this mean
        does that mean | does it mean | so does this mean
    """,
    "check": """
        make sure | ensure | ensure that | make sure that | note that | keep in mind | be sure to | please ensure
        please make sure | remember to | don't forget to | remember that | please note | be careful | please note that
        verify that | check that | confirm that | check if | check whether | double check
    """,
    "problem": """
        the problem is | the issue is | problem is | issue is | the thing is | the point is | my point is | the idea is
        one problem is | one issue is | the only thing is | the only problem is | my concern is | the reason is
        the only issue is | the question is | my question is | another issue is | another problem is | the main issue is
        the problem with | the issue with | the bug is | what i mean is | what i meant is | what i meant was | i mean
        i meant | what i want is | you mean
    """,
}
"""Phrases that frame what follows them, by what they do; the clause proper is what they frame."""
LINKS = {
    "but": "but however though although except yet whereas despite",
    "so": "so therefore thus hence meaning means causing leading resulting thereby making",
    "which": "which",
    "because": "because since cause as due given",
    "if": "if unless whether",
    "when": "when while once after before until whenever",
    "and": "and then plus",
    "or": "or",
    "that": "that where who",
    "rather": "instead rather unlike",
}
"""What joins a clause to the one before it."""
WH = "what why how where when which who whose what's where's how's who's whats"
DETERMINERS = "the a an this that these those my our your its their his her some any every each all no both another"
DEFINITE = "the this that these those your its both"
INDEFINITE = "a an some any another new more"
PREPOSITIONS = """
    in on at of for with from to by about into onto over under after before between within without through during
    via per as than like inside outside across against around behind upon
"""
GOOD = """
    good great perfect nice awesome excellent cool fine ok okay correct right clean better best love works working
    clear useful helpful sense sensible reasonable solid happy amazing fantastic brilliant lovely neat elegant lgtm
    beautiful sound safe ready successful successfully green
"""
BAD = """
    bad wrong incorrect broken weird odd strange ugly confusing confused misleading missing unused redundant
    unnecessary useless pointless duplicate duplicated stale outdated obsolete dead inconsistent incomplete
    inaccurate invalid unexpected unclear unrelated unreachable unreadable untested unsafe insecure fragile brittle
    flaky hacky risky dangerous slow slower worse worst terrible horrible awful annoying hard harder tricky messy
    noisy verbose overkill excessive complicated complex convoluted overengineered problematic problem issue issues
    bug bugs buggy error errors failure failures failing broken stuck empty blank gone lost
    suspicious surprising surprised worried concerned concern leftover orphaned hardcoded incorrectly
    silently inefficient wasteful vague ambiguous generic arbitrary magic naive premature racy deprecated unstable
    insufficient inadequate misaligned mismatch mismatched malformed corrupted unhandled uncovered unsupported
    undocumented unneeded unwanted impossible wrongly twice regression warning warnings conflict conflicts typo
    crash crashes hack mess nonsense lie false fake fails red nothing unable poor cycle leak leaks race races
    deadlock flake flakes gap gaps clutter noise bloat bloated smell smells redundancy inconsistency discrepancy typos
    oversight flaw flaws defect defects glitch breakage blocker downside drawback trouble pain hassle pitfall
    duplication duplications copypasta exception exceptions panic panics timeout timeouts stacktrace traceback
    undefined crept bogus shady sloppy careless lazy stupid dumb silly ridiculous absurd garbage junk
    misnamed mislabeled misplaced misread misunderstood misunderstanding mistaken mistake mistakes oops whoops
"""
COMPARED = """
    better worse more less fewer simpler easier cleaner faster slower shorter longer smaller larger bigger higher
    lower clearer nicer safer stricter looser earlier later rather closer further harder cheaper tighter
"""
AGAIN = "again still back anymore keeps keep yet already twice repeatedly another once"
SHIFTED = "instead rather than unlike versus vs opposed actually only"
HARMLESS = "problem problems worries need idea matter rush hurry doubt thanks further more longer"
"""After "no", what does not make a fault of it."""
HERE = "this that it your these those here you're you've you its"
PERSONS = """
    i i'm i've i'd i'll me my mine you you're you've you'd you'll your yours we we're we've we'd we'll our us u let's
    lets myself yourself
"""
STOP = """
    the a an this that these those and or but for with from into about what which when where will would should could
    there their them they have has had been were was are not all any can your you our just also then than some more
    only other after before like does did done file code
"""
"""Words whose return says nothing of what they return to."""

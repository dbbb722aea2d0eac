"""Learned weights of the features of a message; data, written by `bench/labels_train.py`.

Owns: `BIAS`, `WEIGHTS`.
Never: edited by hand; holds a word that only one project uses.
Invariant: one row per feature, the weights in the order of `intent_points.Points`.
"""

# ruff: noqa: E501, RUF001 -- data

from __future__ import annotations

UNITS = 100
BIAS = (0.29, -0.56, 0.14, 0.12, 0.22)
_DATA = r"""
^1=-9,-2,-10,27,-6|^3=-9,0,-3,1,10|^^can we=-14,-1,-14,-5,33|^^can you=-2,-2,-1,-11,16|^^could we=-8,0,8,-1,1
^^create a=-5,-1,-1,-2,9|^^do it=11,0,-5,-2,-5|^^does the=-2,0,5,0,-2|^^does this=13,0,-14,-1,2
^^great ,=-4,-8,-1,-1,13|^^hmm ,=3,0,2,-10,4|^^how does=-3,0,4,0,-1|^^i think=9,-1,-1,7,-14|^^i want=4,0,0,7,-10
^^i'd like=-7,-2,0,4,5|^^is the=4,0,-1,-1,-3|^^is there=-3,0,5,-1,-1|^^let's do=6,-11,-3,4,4|^^ok ,=-13,15,-11,-9,18
^^question :=-5,0,7,0,-1|^^that was=9,-2,-7,8,-8|^^this is=3,-1,-2,6,-6|^^what is=5,-1,-3,-1,0
^^write a=11,-1,-1,-7,-3|^^x \n=1,-1,-3,7,-5|^^yes ,=-5,16,2,-2,-11|^add=-2,0,-1,-3,7|^also=18,-1,-7,-20,10
^and=-24,-1,16,-12,21|^are=-11,0,25,-1,-12|^but=0,0,17,-6,-11|^can=-17,-3,-12,-16,47|^commit=-9,-3,-3,-3,17
^continue=-10,12,-2,-3,3|^could=-1,-1,-5,-2,9|^create=-8,-1,-1,-3,12|^do=-3,3,-9,-8,16|^does=-1,0,4,-1,-1
^don't=21,-7,-1,-14,1|^fix=-5,-2,-2,-3,11|^for=-22,0,6,19,-3|^great=-4,-3,-1,-2,10|^hmm=8,0,0,-11,3
^how=8,-1,1,-5,-4|^i=-8,2,-6,25,-13|^i'd=-5,-2,-1,3,5|^i'm=24,-1,-3,-21,1|^if=-9,0,15,-2,-4|^in=-21,-1,10,10,1
^is=-6,0,14,-2,-5|^it=-4,-4,-1,21,-12|^it's=-2,-4,-6,9,3|^let's=27,-12,-8,2,-10|^no=-1,-3,-3,0,7|^not=12,-1,-6,-4,-2
^now=-12,-3,-18,1,31|^ok=0,6,-14,-7,15|^one=-5,0,11,-4,-2|^please=4,10,-2,-5,-8|^question=-5,0,7,0,-1
^should=5,-1,-4,-2,2|^so=-12,-1,12,7,-6|^that=13,13,-9,0,-17|^the=-6,-4,-8,37,-19|^there=0,-1,-3,-9,13
^this=22,-2,-1,-5,-15|^update=-5,-1,-1,-1,7|^we=17,-2,-15,-7,7|^what=-5,-2,7,0,0|^when=-12,0,0,15,-3
^where=18,0,-11,-1,-6|^why=28,13,-17,-16,-7|^would=-5,-1,13,0,-7|^write=5,-2,-2,-11,10|^x=8,-5,-3,8,-8
^yeah=-8,35,-3,7,-32|^yep=0,8,0,-5,-2|^yes=-11,3,1,26,-19|^you=-2,-1,2,14,-12|b:\n \n=-6,-1,-21,4,23
b:\n 1=-4,0,-3,7,0|b:\n 2=-15,0,-3,6,12|b:\n 3=-3,0,-2,8,-2|b:\n x=15,-3,2,-10,-4|b:, add=0,-2,-1,-2,5
b:, and=-2,-6,2,6,0|b:, but=15,-4,6,-13,-5|b:, can=-18,-2,-12,11,21|b:, create=-3,1,-1,-1,4|b:, do=-3,0,-1,-3,7
b:, i=-45,5,12,25,3|b:, in=-2,-12,-8,22,-1|b:, is=-29,0,34,-2,-3|b:, it=-8,0,-3,12,-1|b:, just=3,-8,-2,0,8
b:, let's=-10,17,6,-13,1|b:, no=2,-1,-1,5,-5|b:, not=21,0,-3,-12,-6|b:, please=9,3,-1,-4,-8|b:, right=-9,0,7,-7,9
b:, so=4,-1,0,-6,3|b:, that=-3,-1,3,-3,3|b:, the=18,-3,-20,8,-3|b:, then=-11,-11,-2,0,24|b:, they=9,-4,-1,-6,2
b:, this=6,-4,-1,3,-5|b:, we=1,5,-16,17,-7|b:, x=8,0,-1,1,-7|b:. also=4,0,0,-8,4|b:. do=5,0,3,-1,-7
b:. let's=0,-12,0,-1,13|b:. now=-3,-3,-2,0,7|b:. please=-6,0,0,0,7|b:. the=10,0,0,-9,-1|b:1 ,=-14,0,9,1,4
b:1 .=-9,0,-13,19,3|b:1 and=17,-2,-2,-7,-6|b:2 .=-17,0,0,10,7|b:3 .=-6,0,-3,4,4|b:: \n=-3,-1,11,-14,7
b:: the=1,-1,-2,-10,11|b:: x=23,-3,-3,2,-18|b:a comment=16,-1,-2,-10,-3|b:a different=2,-1,11,5,-16
b:a draft=-6,-1,-2,13,-4|b:a file=12,-1,-1,-8,-2|b:a linear=-3,-1,-1,-4,8|b:a new=34,-5,-8,-13,-8
b:a plan=3,6,-1,-2,-5|b:a pr=-2,-4,-1,-3,9|b:a separate=24,-8,-2,-6,-9|b:a test=-4,0,-4,-3,11|b:a user=-1,0,4,-4,0
b:able to=-5,0,-3,4,4|b:about this=6,0,-3,-2,-1|b:add a=-3,-2,-11,-4,21|b:after the=-8,0,12,0,-3
b:again ,=-3,0,2,9,-7|b:also add=-1,0,-18,-3,22|b:an example=4,-1,11,-2,-13|b:and commit=-2,-1,3,0,-1
b:and if=-11,0,15,-1,-4|b:and in=-7,0,8,1,-2|b:and push=-2,-11,-2,-1,15|b:and the=10,0,-17,10,-3
b:and then=-6,-5,-2,-2,16|b:are the=6,0,-6,1,-1|b:are there=-7,0,22,-2,-13|b:are we=17,0,-12,-4,-1
b:are you=-11,0,13,0,-1|b:as well=-14,-2,-6,-1,23|b:at the=17,-2,0,-7,-8|b:back to=14,-6,11,-4,-15
b:based on=1,0,-3,-2,4|b:before the=7,-3,-4,5,-5|b:before we=-4,0,-2,-5,10|b:but not=8,-1,-4,3,-6
b:but the=18,-1,8,-17,-8|b:by the=-12,-1,2,14,-2|b:can be=-13,-6,7,8,3|b:can we=-5,-2,-5,-10,22
b:can you=-8,-3,-7,-6,24|b:check for=-2,0,0,12,-10|b:check the=-5,-1,-4,-7,18|b:checkpoint ?=-7,0,-2,5,4
b:commit ?=-17,0,19,-3,1|b:could we=-5,0,11,-2,-4|b:create a=-3,-1,-5,-8,18|b:do a=-10,0,10,3,-4|b:do i=0,-1,8,-3,-3
b:do it=9,11,4,-5,-19|b:do not=4,0,-1,-1,-2|b:do that=-3,3,-3,-5,7|b:do the=-18,-1,-9,4,25|b:do this=21,-5,-2,0,-14
b:do we=4,0,3,9,-15|b:do you=-7,0,11,-1,-3|b:does not=5,0,-2,-2,-2|b:does that=-3,0,4,-1,1|b:does the=-9,0,15,-2,-4
b:does this=11,0,-9,-3,1|b:don't need=5,0,1,-6,0|b:drop the=14,0,-1,-11,-2|b:easier to=6,0,1,0,-6
b:edge case=21,0,-17,-4,0|b:fine ,=-3,-2,5,-1,1|b:fix it=-3,4,-1,-3,3|b:fix the=11,14,-1,-8,-16
b:follow up=3,0,5,-2,-6|b:for a=3,0,8,-7,-4|b:for now=19,-7,-5,12,-19|b:for that=2,-1,-11,-3,12
b:for the=0,-1,-4,-12,18|b:for this=8,-1,8,-2,-13|b:from ?=-3,0,6,-2,-1|b:from main=3,-5,1,0,1|b:from the=0,0,5,-5,0
b:go back=11,-7,-2,1,-3|b:go with=-2,9,0,3,-9|b:great ,=-4,-7,-1,-1,12|b:have a=0,-2,0,-5,6|b:have the=-7,0,-9,10,6
b:hmm ,=3,0,2,-10,4|b:how do=-14,0,14,0,0|b:how does=-3,0,8,-1,-3|b:how would=-7,0,10,-1,-3|b:i had=-4,3,3,-3,1
b:i have=7,0,-6,0,-1|b:i need=-1,-1,9,-4,-3|b:i think=5,6,-6,2,-7|b:i want=-1,-1,-4,5,2|b:i'd like=1,-2,-2,-4,7
b:if the=3,-2,-5,-6,10|b:if we=11,-1,11,-12,-9|b:implement the=-12,-1,-2,-3,19|b:in a=3,-8,5,-3,3
b:in tests=-7,0,3,1,3|b:in the=-9,-2,17,-6,1|b:instead of=0,0,-5,-3,8|b:into the=4,0,-4,5,-5|b:is a=-4,-1,-4,1,8
b:is already=10,0,4,-8,-6|b:is fine=1,-1,0,5,-4|b:is it=-18,-1,6,13,-1|b:is not=-22,0,-1,28,-5
b:is still=8,0,-3,-5,1|b:is that=0,0,-7,8,-1|b:is the=-18,0,10,5,4|b:is this=11,0,-2,-4,-5|b:it be=-3,0,5,0,-2
b:it in=12,-8,-10,3,2|b:it is=-1,-1,4,-1,-1|b:it just=6,0,-9,5,-1|b:it on=12,0,-3,-4,-6|b:it should=-2,-5,-3,10,-1
b:it to=-8,0,-11,-10,30|b:it up=-2,6,-1,-10,8|b:it with=-5,-1,-4,-3,12|b:it would=-3,-2,0,5,-1
b:it's not=-4,0,0,6,-3|b:keep going=-3,-1,-1,7,-3|b:let's do=1,-2,-4,-2,6|b:let's go=-1,-4,-1,5,0
b:like a=-9,21,-2,0,-10|b:like the=4,-1,-2,7,-9|b:like this=2,3,5,-17,7|b:look at=-6,0,-3,11,-2
b:make it=-10,-3,-3,-3,19|b:make sense=-9,-1,3,5,1|b:make the=9,0,-8,-1,0|b:makes sense=-1,-1,5,0,-3
b:me a=-3,0,-3,-1,7|b:me the=0,0,12,-4,-8|b:merge conflicts=0,0,-1,-9,10|b:need a=-10,0,-1,3,8
b:need to=-23,4,14,19,-14|b:new branch=-13,-4,15,-6,9|b:new one=-8,0,-1,12,-3|b:not to=19,0,-7,-1,-10
b:now ,=7,-5,3,8,-13|b:now ?=-3,0,4,-1,0|b:now do=-15,-3,-1,-1,20|b:now the=-3,-9,0,-6,19|b:of a=-14,0,11,8,-4
b:of the=-13,0,7,-9,15|b:ok ,=-4,14,-12,-10,12|b:on a=-6,0,6,1,-1|b:on the=-4,-1,0,16,-11|b:one ,=-4,0,-1,1,4
b:one more=-7,0,-2,-11,20|b:only the=-7,-1,-1,2,7|b:open a=2,-4,0,-1,3|b:out the=10,-1,13,-5,-18
b:question :=-11,0,17,-3,-3|b:rather than=5,0,-2,-1,-2|b:read the=19,0,3,-16,-6|b:remove the=32,-1,-1,-2,-28
b:review the=-12,0,-3,-1,16|b:right ?=-12,0,5,1,5|b:same thing=-4,0,-1,2,2|b:should be=6,4,1,-7,-6
b:so it=4,0,-2,-3,2|b:so the=5,0,3,-4,-4|b:tell me=-3,0,10,0,-6|b:test for=-7,0,3,-1,5|b:tests ?=-1,-1,-11,-3,16
b:tests are=11,-1,-2,-7,-1|b:tests for=6,0,1,-1,-5|b:that ?=6,0,-5,-2,1|b:that already=-8,0,1,8,0
b:that file=-4,-1,6,-1,-1|b:that test=2,0,8,-3,-7|b:that the=-13,-4,12,9,-5|b:that to=-5,-3,7,-2,3
b:that was=9,5,-9,7,-12|b:that would=-3,3,1,-4,3|b:the cli=-5,0,5,-9,10|b:the code=-1,-1,4,-8,7
b:the commit=-18,0,16,5,-2|b:the commits=-19,0,13,-3,9|b:the date=8,0,2,-7,-3|b:the diff=-1,0,12,-12,1
b:the existing=10,0,-5,-3,-1|b:the file=4,-1,8,-4,-7|b:the first=15,-5,-2,0,-8|b:the folder=-8,0,5,8,-4
b:the following=-9,0,1,-2,10|b:the last=13,0,-15,5,-2|b:the list=12,-1,-12,-6,6|b:the new=-6,0,10,-6,1
b:the next=-17,-12,-1,-3,34|b:the old=14,-1,-8,-10,4|b:the other=11,-1,6,-16,0|b:the output=-6,0,-1,4,2
b:the plan=0,0,2,-4,2|b:the pr=3,-3,-4,-10,13|b:the previous=-6,0,-12,23,-5|b:the problem=-3,0,4,-1,-1
b:the repo=-2,0,-2,-7,12|b:the rest=-3,14,0,-1,-10|b:the same=11,-7,-10,6,0|b:the second=-3,-8,6,8,-3
b:the settings=-7,0,9,-1,-1|b:the test=8,0,1,-2,-8|b:the tests=25,-11,-13,-6,6|b:the whole=-1,0,0,-6,7
b:them ?=-8,0,5,-1,4|b:there a=12,0,-11,0,-1|b:there are=12,0,-9,-5,2|b:there is=-3,-1,1,-9,12
b:there's a=18,-1,-1,-21,6|b:thing ,=-5,0,0,4,2|b:think we=5,-1,-1,-3,-1|b:this ?=18,0,-22,-1,6
b:this branch=0,-3,-1,-2,6|b:this in=5,-3,4,-5,0|b:this is=-2,-1,-7,13,-3|b:this repo=-2,0,9,2,-9
b:this should=-3,-3,-3,11,-2|b:to be=-2,-2,-2,8,-1|b:to do=0,7,1,3,-11|b:to make=8,-2,-9,-4,7|b:to the=19,-9,-7,1,-4
b:to use=-3,-1,-2,12,-7|b:up ?=2,0,-4,-1,3|b:up in=-4,7,-2,-3,2|b:up the=-2,12,0,-6,-4|b:update the=-6,-3,-2,1,11
b:use the=2,0,1,3,-6|b:used by=-4,0,-1,7,-2|b:want a=5,-1,-3,-4,3|b:want the=11,0,-3,7,-14|b:want to=-1,-1,-4,-2,8
b:way to=-22,0,7,4,10|b:we also=-7,0,-15,3,19|b:we can=2,0,-12,21,-11|b:we do=29,-1,0,1,-29|b:we don't=-5,-1,9,-2,-1
b:we have=0,-1,-11,-17,29|b:we need=-21,-2,16,-11,18|b:we should=18,-2,-9,3,-11|b:we use=-10,0,2,-5,14
b:we want=16,0,-3,1,-14|b:what do=-2,0,7,-3,-1|b:what does=-4,0,9,-3,-2|b:what happens=-1,0,5,-1,-3
b:what i=-13,6,-10,4,12|b:what is=3,-1,-10,-4,11|b:what the=4,0,-1,-1,-3|b:what's the=-7,0,7,5,-5
b:when a=2,0,-2,-4,4|b:when i=15,0,-1,-6,-7|b:where is=-4,0,5,0,0|b:where we=-4,-3,3,-3,8|b:with a=6,3,-1,-1,-7
b:with that=2,2,-3,-1,0|b:with the=-9,-11,-2,-4,25|b:work ?=-9,0,13,-1,-3|b:work on=-3,-1,0,-8,12
b:would be=-5,0,-3,1,7|b:would it=-4,0,5,0,-1|b:would that=-8,0,10,-1,-1|b:write a=4,-5,-2,-9,12
b:x \n=27,-3,-10,0,-13|b:x ,=5,0,-1,0,-4|b:x instead=-11,0,-1,-1,13|b:x is=5,0,1,-2,-4|b:yes ,=-5,16,2,-2,-11
b:you also=-2,0,-4,-2,8|b:you can=-21,0,1,7,12|b:you check=-9,0,-5,-2,15|b:you do=-1,0,7,0,-5
b:you explain=-4,0,8,-2,-2|b:you have=28,0,-3,-22,-3|b:you make=5,0,-8,0,4|best:0=34,-30,-23,3,4
best:1=-2,48,-31,-14,-3|best:2=23,-23,58,-27,-62|best:3=-5,-19,-40,61,-10|best:4=-40,-7,-23,-9,53
c2:dont=10,0,-1,-10,1|c2:fault=-10,-1,-3,19,-6|c2:review=14,0,-8,-5,-1|c2:should=-6,-5,4,9,-2
c2:trouble=16,-1,2,5,-22|c:act=-2,11,-13,-13,17|c:blame=24,-1,-4,-10,-9|c:but=6,-9,9,-1,-3|c:dont=18,-4,7,-18,-3
c:dont&asks=3,-2,-2,5,-4|c:dont&done=3,0,-2,-4,3|c:dont&empty=-3,0,-2,-1,6|c:dont&ends=-6,0,15,-6,-3
c:dont&mid=11,-1,-1,-6,-4|c:dont&offers=5,0,0,-2,-3|c:dont&plain=-1,-1,14,-10,-2|c:dont&proposes=-6,-2,1,11,-4
c:dont&short=15,-2,-8,7,-12|c:doubt=15,-3,-4,6,-13|c:doubt&asks=11,-1,5,-18,3|c:doubt&done=-2,-1,-13,29,-13
c:doubt&ends=21,-1,-8,-4,-8|c:doubt&mid=-8,-1,-2,12,-2|c:doubt&offers=-5,0,1,-3,7|c:doubt&plain=5,0,3,1,-9
c:doubt&proposes=1,-1,5,-13,8|c:doubt&short=28,-2,-8,-12,-6|c:explain=-15,-4,33,-4,-10|c:fault=36,-7,-6,0,-22
c:fault&done=14,-3,-4,11,-17|c:fault&empty=-7,0,3,-1,6|c:fault&ends=4,0,5,-4,-5|c:fault&offers=2,-1,-6,7,-2
c:fault&plain=26,-3,4,-19,-8|c:fault&short=41,-5,-2,-19,-15|c:instead=6,-2,-4,2,-1|c:instead&asks=-10,0,-1,1,9
c:instead&done=5,-1,-9,14,-9|c:instead&empty=-1,0,3,0,-2|c:instead&ends=0,0,1,2,-4|c:instead&mid=8,0,-3,-2,-3
c:instead&offers=6,0,1,-1,-5|c:instead&plain=-1,0,4,-10,7|c:instead&proposes=-19,0,0,6,13
c:instead&short=19,-1,-6,-5,-8|c:lets=-12,5,2,2,3|c:not=38,-18,3,-15,-16|c:not&asks=-3,-4,-8,14,2
c:not&done=21,4,0,-4,-20|c:not&empty=-5,0,0,-2,8|c:not&ends=8,-1,0,-8,2|c:not&mid=23,0,-10,-7,-6
c:not&offers=4,-3,3,-4,-1|c:not&plain=6,-14,19,-12,1|c:not&proposes=-20,-4,11,15,-2|c:not&short=35,-11,-30,15,-10
c:open_accept=-40,44,-18,-9,22|c:open_accept&asks=-12,-9,-3,4,19|c:open_accept&done=-18,22,-2,-8,6
c:open_accept&ends=-6,-6,3,-11,20|c:open_accept&mid=0,3,-1,-3,1|c:open_accept&offers=-1,2,-6,4,1
c:open_accept&plain=-8,26,-6,-6,-6|c:open_accept&proposes=-10,9,-7,-18,26|c:open_accept&short=-33,37,-15,14,-3
c:open_ask=-6,-16,34,-42,24|c:open_ask&asks=-7,-1,9,5,-6|c:open_ask&done=-9,-6,6,2,12|c:open_ask&empty=-3,0,9,-1,-5
c:open_ask&ends=25,-7,9,-17,-10|c:open_ask&mid=-6,-7,13,-2,2|c:open_ask&offers=6,-2,6,-25,15
c:open_ask&plain=3,1,13,-22,6|c:open_ask&proposes=-2,-1,-5,-7,15|c:open_ask&short=4,-9,45,-36,-8
c:open_but=17,-7,15,-23,-1|c:open_but&asks=18,-4,-3,2,-14|c:open_but&done=-14,-2,8,-10,17
c:open_but&ends=-18,0,8,-2,11|c:open_but&mid=-14,0,3,-2,13|c:open_but&offers=-10,0,16,-12,5
c:open_but&plain=29,0,-16,-3,-10|c:open_but&proposes=7,-4,12,-7,-7|c:open_but&short=-1,-7,10,1,-3
c:open_inform=23,-12,-10,6,-4|c:open_inform&asks=0,1,-2,6,-5|c:open_inform&done=33,-10,-21,-8,7
c:open_inform&empty=-14,-1,5,-13,23|c:open_inform&ends=5,-3,23,-13,-11|c:open_inform&mid=4,0,-4,7,-7
c:open_inform&offers=8,-11,11,-6,-3|c:open_inform&plain=-6,9,0,14,-18|c:open_inform&proposes=1,2,10,-15,2
c:open_inform&short=0,-8,10,31,-33|c:open_no=8,-4,-6,1,1|c:open_no&asks=-13,-3,-2,8,9|c:open_no&done=6,0,-2,-2,-3
c:open_no&mid=10,0,-2,-4,-4|c:open_no&plain=7,0,0,-4,-2|c:open_no&proposes=-13,-3,-2,8,9
c:open_no&short=-13,-3,-3,11,8|c:open_order=-13,-17,-13,-5,42|c:open_order&asks=5,6,-7,15,-20
c:open_order&done=-10,-14,6,-12,29|c:open_order&empty=-7,-3,3,-6,13|c:open_order&ends=-17,0,-1,-3,22
c:open_order&mid=14,-2,-3,-8,-1|c:open_order&offers=-10,-6,2,14,0|c:open_order&plain=0,2,-14,-9,22
c:open_order&proposes=1,-4,-2,-3,9|c:open_order&short=-22,-17,4,14,22|c:open_stop=21,-2,-4,-11,-4
c:open_you=4,-3,6,6,-13|c:praise=-22,47,-5,-14,-6|c:prefer=3,13,-9,21,-26|c:prefer&asks=-5,11,5,0,-10
c:prefer&done=-27,7,11,4,6|c:prefer&empty=-3,0,-10,-4,18|c:prefer&ends=-10,-3,10,-1,3|c:prefer&mid=10,-7,-1,2,-5
c:prefer&offers=5,-4,-1,21,-20|c:prefer&plain=12,5,-14,12,-15|c:prefer&proposes=-18,7,2,15,-5
c:prefer&short=-10,22,3,-3,-11|c:proceed=19,17,-5,-16,-14|c:reproach=8,-1,-16,-7,15|c:request=6,9,-20,1,8
c:request&asks=9,20,-7,-5,-17|c:request&done=13,-5,-14,-5,12|c:request&empty=-6,-1,-7,-3,16
c:request&ends=-26,-5,-10,-7,48|c:request&mid=4,3,-4,-3,0|c:request&offers=-11,-3,6,18,-9
c:request&plain=1,-5,7,-2,0|c:request&proposes=14,21,-18,-16,0|c:request&short=-4,13,6,3,-19|c:review=7,9,17,-12,-21
c:should=3,2,-9,6,-2|c:should&asks=0,-6,-2,8,0|c:should&done=5,-1,-6,-5,6|c:should&empty=-2,0,-1,-1,5
c:should&ends=2,0,-2,-7,6|c:should&mid=-11,11,8,-4,-4|c:should&offers=9,-3,-4,2,-3|c:should&plain=4,2,-4,6,-7
c:should&proposes=1,-5,-2,8,-2|c:should&short=-24,4,2,16,2|c:still=-5,-10,14,12,-12|c:swap=-5,-3,-2,-4,14
c:tag=-37,-3,24,15,1|c:tell=-1,-5,57,-10,-57|c:tell&asks=8,-2,-4,2,-4|c:tell&done=-14,-1,31,-6,-9
c:tell&empty=-6,-4,32,-5,-17|c:tell&ends=16,-3,1,-8,0|c:tell&mid=4,0,5,-2,-6|c:tell&offers=-2,7,17,0,-22
c:tell&plain=2,-5,0,1,2|c:tell&proposes=-7,6,7,4,-10|c:tell&short=4,3,50,-38,-21|c:trouble=-16,-12,-11,10,33
c:trouble&asks=5,-1,8,0,-12|c:trouble&done=26,-3,-13,-11,1|c:trouble&empty=-12,-1,-10,-8,31
c:trouble&ends=-5,0,14,2,-10|c:trouble&mid=-21,-1,1,25,-5|c:trouble&offers=-16,-1,0,10,7|c:trouble&plain=2,-5,2,-6,7
c:trouble&proposes=15,-1,9,-13,-10|c:trouble&short=26,-8,-8,8,-19|c:undo=9,-7,15,-20,3|c:undo&asks=8,0,0,-10,3
c:undo&done=-5,-4,8,-3,4|c:undo&plain=4,0,1,-2,-3|c:undo&proposes=7,0,6,-12,-1|c:undo&short=18,-7,16,-16,-11
o:more=20,-4,-33,16,0|o:none=18,-6,-29,-13,23|o:one=12,-28,-3,38,-15|p:asks=-5,-13,-17,52,-19|p:done=25,1,-3,-21,10
p:empty=-44,-15,22,-32,67|p:fails=-5,-9,-7,28,-7|p:listed=11,-4,-6,16,-17|p:mid=24,7,-14,6,-22
p:offers=-14,-18,11,47,-24|p:plain=11,6,-12,-4,7|p:proposes=4,10,-3,-28,19|points:0=81,-40,-37,-32,-50
points:1=-34,67,-22,-22,-11|points:2=-28,-29,67,-25,-35|points:3=-27,-13,-34,92,-47|points:4=14,-13,-23,-41,48
q:asking=12,-3,14,-10,-13|q:denied=18,0,-19,-2,3|q:did=15,0,-10,-1,-4|q:statement=-11,-14,43,-3,-15
q:statement&no=3,-2,13,-9,-6|q:verb=-28,-6,27,-12,19|q:why&no=-8,0,11,-1,-1|q:you=-28,-2,-3,5,29
s:accepts=-31,59,-27,-8,5|s:accepts&asks=-17,-8,-4,5,25|s:accepts&done=-27,21,-5,-8,18
s:accepts&empty=-2,-6,11,-1,-1|s:accepts&mid=21,17,-8,-17,-13|s:accepts&offers=-4,-4,-10,30,-11
s:accepts&plain=-2,41,-10,-16,-12|s:accepts&proposes=-15,12,-7,-20,31|s:act=-1,4,-5,-4,5|s:act&asks=0,-4,0,-4,8
s:act&offers=-1,8,-4,0,-3|s:act&proposes=-1,4,0,-9,6|s:against=51,-48,-10,-14,-26|s:against&asks=7,-15,-1,29,-20
s:against&done=44,-13,-5,-8,-25|s:against&empty=-24,-2,-5,-12,42|s:against&mid=-4,10,2,0,-7
s:against&offers=9,-8,10,-14,2|s:against&plain=32,-22,0,-7,-3|s:against&proposes=3,-15,24,6,-18
s:asks=-5,-25,28,-2,-21|s:asks&asks=-3,-2,9,1,-5|s:asks&done=2,-8,3,-3,12|s:asks&empty=-8,0,4,-3,7
s:asks&mid=-24,-1,6,11,7|s:asks&offers=0,-2,14,3,-14|s:asks&plain=6,-9,9,7,-11|s:asks&proposes=0,-2,4,3,-4
s:chooses=-27,-6,-15,46,3|s:chooses&offers=-7,-3,-2,3,9|s:chooses&plain=-21,-3,-13,43,-6
s:chooses&proposes=-2,-2,-1,-5,9|s:endless=7,0,-5,3,-6|s:endless&done=1,0,2,1,-3|s:endless&plain=7,0,-12,1,4
s:ends=-11,-23,45,-28,-11|s:ends&asks=4,-2,18,-15,-5|s:ends&done=-5,-8,15,-15,12|s:ends&empty=-7,0,8,-1,1
s:ends&mid=-10,-1,7,-5,8|s:ends&offers=-8,-2,19,9,-18|s:ends&plain=-6,-9,8,-1,9|s:ends&proposes=3,-2,12,-8,-5
s:error=13,-3,-3,6,-13|s:error&done=10,-3,-2,9,-13|s:exclaims=19,16,-14,-11,-10|s:exclaims&asks=8,10,0,-14,-4
s:exclaims&done=-9,6,-1,9,-5|s:exclaims&plain=19,0,-12,-5,-2|s:exclaims&proposes=8,10,0,-14,-4|s:lets=-12,5,2,2,3
s:lets&asks=-11,8,-1,9,-4|s:lets&done=5,12,-3,1,-13|s:lets&empty=-3,-1,1,-2,4|s:lets&mid=8,-1,-4,-2,-2
s:lets&offers=-6,-4,2,-7,15|s:lets&plain=-4,-9,8,3,3|s:lets&proposes=-14,5,2,0,8|s:long=-21,-2,3,31,-10
s:long&asks=9,0,2,-5,-6|s:long&done=-7,0,13,4,-10|s:long&empty=-6,0,-1,-4,11|s:long&mid=7,0,-2,-2,-2
s:long&offers=-6,0,-8,17,-3|s:long&plain=-16,-1,-3,21,-2|s:long&proposes=-1,0,5,0,-4|s:order=-4,-8,-16,-13,35
s:order&asks=5,6,-7,15,-20|s:order&done=-3,-1,1,-16,19|s:order&empty=-9,-3,2,-6,16|s:order&mid=16,-2,-3,-8,-4
s:order&offers=-10,-6,2,14,0|s:order&plain=2,-1,-12,-12,24|s:order&proposes=1,-4,-2,-3,9|s:paste=23,-10,-1,-11,-1
s:paste&asks=8,-1,-1,-1,-4|s:paste&done=7,-9,-8,9,1|s:paste&empty=-9,0,-4,-4,18|s:paste&mid=-2,0,-1,4,-1
s:paste&offers=-7,4,1,13,-12|s:paste&plain=13,-3,10,-16,-4|s:paste&proposes=5,4,3,-5,-7|s:request=6,9,-20,1,8
s:request&asks=9,20,-7,-5,-17|s:request&done=13,-5,-14,-5,12|s:request&empty=-6,-1,-7,-3,16
s:request&mid=4,3,-4,-3,0|s:request&offers=-11,-3,6,18,-9|s:request&plain=1,-5,7,-2,0
s:request&proposes=14,21,-18,-16,0|s:severity=4,0,-1,-2,-1|s:severity&done=5,0,0,0,-4|s:short=-7,2,-9,25,-5
s:short&asks=-19,-8,-15,41,3|s:short&done=8,12,24,-37,-3|s:short&empty=-16,-9,23,-12,15|s:short&mid=4,8,8,-3,-17
s:short&offers=-4,-14,-21,56,-16|s:short&plain=-7,13,-13,-3,12|s:short&proposes=-16,15,-9,-16,26
s:states=9,-11,-23,42,-10|s:states&asks=11,0,-13,28,-25|s:states&done=6,23,-3,-1,-21|s:states&empty=-20,-5,5,-20,39
s:states&mid=-1,-7,-6,24,-9|s:states&offers=2,-10,9,-5,5|s:states&plain=6,-11,-14,19,2
s:states&proposes=5,1,11,-10,-7|s:tiny=-39,99,-20,-8,-34|s:tiny&asks=-16,29,0,11,-24|s:tiny&done=-3,24,-34,2,11
s:tiny&empty=-2,-4,-3,-4,13|s:tiny&mid=0,24,-3,-10,-11|s:tiny&offers=-15,2,1,29,-16|s:tiny&plain=-10,24,19,-27,-7
s:tiny&proposes=-15,40,-1,6,-31|s:trails=29,-6,-5,-15,-4|s:trails&asks=-2,0,-2,6,-2|s:trails&done=4,-2,7,-15,5
s:trails&offers=17,-1,-8,-6,-2|s:trails&plain=3,-3,-5,5,0|s:trails&proposes=15,0,-8,2,-8|s:wordy=-2,-8,8,-12,17
s:wordy&asks=1,-1,11,-10,0|s:wordy&done=-14,-1,24,-8,-1|s:wordy&empty=-10,0,-7,-6,23|s:wordy&mid=16,0,-7,-5,-3
s:wordy&offers=6,-3,-6,6,-2|s:wordy&plain=0,-2,-6,10,-2|s:wordy&proposes=3,-1,7,-10,1|w:\n=-5,-5,-9,2,17
w:!=2,-4,-1,3,0|w:,=3,33,-23,10,-15|w:.=5,-7,-35,-17,55|w:0=-5,0,2,3,0|w:1=8,-4,-4,10,-10|w:10=-19,-3,-1,14,9
w:2=-5,-15,-4,-6,30|w:3=-2,-11,-5,5,13|w:4=-5,-2,-6,-1,13|w:500=18,0,-1,3,-20|w:8=-8,-2,3,0,8|w::=7,-17,34,-18,-5
w:?=-5,-25,28,-2,-21|w:a=12,-18,-15,-3,23|w:able=-5,0,-3,4,4|w:about=52,-8,-21,-22,-2|w:access=-4,-1,-1,8,-2
w:actually=-2,0,5,-2,0|w:add=-7,-11,-29,-9,56|w:added=0,-1,10,-1,-8|w:after=-1,-1,15,-15,2|w:again=-29,-2,21,32,-23
w:all=-15,-5,-5,12,14|w:already=33,-3,-9,-6,-14|w:also=-33,-5,-23,3,57|w:an=-17,-4,47,1,-27|w:and=-15,-29,14,-32,61
w:another=-17,9,-3,-11,23|w:any=14,0,5,-11,-8|w:anymore=12,-1,0,-13,1|w:anything=8,-1,-4,-4,0|w:api=7,-1,-6,9,-10
w:app=2,-1,-3,0,2|w:approach=5,-1,-1,4,-7|w:are=32,-5,-15,1,-13|w:array=14,0,-14,-1,1|w:as=-25,-9,-3,-3,39
w:at=3,-15,-21,31,1|w:b=2,-1,9,5,-15|w:back=-11,-10,10,15,-4|w:bad=-25,0,-1,31,-5|w:based=2,0,-3,-2,3
w:be=-25,-7,26,-3,9|w:because=-6,-1,9,3,-5|w:before=-11,-9,2,6,12|w:best=-5,0,-1,6,0|w:better=11,12,-16,-5,-2
w:between=-10,-1,26,2,-18|w:bitte=14,1,0,-1,-13|w:both=-10,-18,14,6,7|w:brainstorm=-3,-1,-1,-6,11
w:branch=-26,-10,10,6,20|w:branches=-21,-3,4,11,8|w:broken=-6,-1,4,6,-3|w:bug=-19,0,-1,-10,30|w:build=-4,-1,-1,-6,12
w:but=0,-9,7,10,-8|w:by=-9,-2,0,7,3|w:call=28,-4,-5,18,-36|w:called=0,0,-2,-6,7|w:can=-47,-12,-21,31,46
w:can't=-3,0,4,5,-5|w:case=10,-3,-22,-3,17|w:cause=1,0,4,-2,-3|w:change=10,-4,-12,-18,25|w:changed=1,-1,1,6,-6
w:changes=-4,-1,-3,-15,23|w:check=-1,5,-18,-6,21|w:checkpoint=4,-1,0,0,-3|w:ci=9,0,-7,-3,2|w:clean=-13,-3,2,14,-1
w:cli=-17,-1,9,-15,24|w:close=3,2,8,-3,-10|w:code=21,-3,-28,5,4|w:com=2,-1,-1,3,-4|w:command=-1,0,-2,-9,11
w:comment=18,-2,0,-16,0|w:comments=3,-5,-9,-19,30|w:commit=-1,-6,19,-23,11|w:commits=-23,-1,5,-6,24
w:config=-5,-1,1,-4,9|w:conflicts=-1,0,-2,-12,15|w:context=5,0,-3,2,-4|w:continue=5,6,-5,-14,7
w:could=-16,-1,-1,6,11|w:create=-7,0,-3,3,7|w:critical=-17,0,-6,8,16|w:das=-6,-3,3,4,2|w:data=-3,-1,-3,9,-3
w:date=5,-9,-5,17,-7|w:debug=22,0,-12,-3,-7|w:delete=-2,-1,18,-10,-5|w:deleted=15,-1,-5,-7,-3|w:der=4,-1,0,-4,0
w:design=-6,12,-1,-5,0|w:did=-5,9,1,1,-6|w:didn't=14,0,-11,-3,-1|w:die=17,-1,-1,-2,-12|w:diff=-3,0,12,-13,4
w:different=2,-1,7,10,-17|w:directly=10,0,-7,-4,1|w:do=-15,0,13,-3,5|w:docs=-16,-4,2,6,12|w:documented=-4,0,1,3,0
w:does=-31,-1,32,9,-8|w:doesn't=13,-1,-11,0,-1|w:don't=18,-8,3,-13,0|w:done=-1,-9,2,11,-4|w:draft=-6,-1,-2,12,-4
w:drop=14,0,-1,-11,-2|w:du=-5,0,6,-1,0|w:duplicate=-8,0,-2,7,2|w:duplicated=-4,0,4,0,0|w:easier=6,0,1,0,-6
w:edge=21,0,-17,-4,0|w:either=-8,-1,-2,12,-1|w:el=1,-7,-1,-3,10|w:else=-4,-1,6,7,-9|w:enable=-16,0,12,-1,6
w:enough=3,-1,-1,-1,-1|w:env=2,0,-2,6,-6|w:error=25,-1,-11,8,-21|w:errors=-3,0,0,-1,5|w:es=3,-8,0,-2,6
w:est=-7,0,9,-1,-1|w:even=-1,14,-21,13,-4|w:every=24,-17,-13,18,-11|w:example=2,-2,5,3,-9|w:existing=7,0,-1,8,-14
w:exists=6,-1,-4,-4,2|w:explain=-9,-3,24,-2,-9|w:fail=2,0,2,3,-7|w:failed=4,0,-1,-2,-2|w:failing=2,-4,-2,3,1
w:fails=16,0,-2,-15,1|w:feature=-8,-1,-1,8,1|w:file=17,-10,15,-9,-13|w:files=-8,-1,-7,-15,30|w:filter=-4,-1,-2,-9,15
w:find=-14,-1,1,4,10|w:fine=-10,11,10,-1,-10|w:first=25,-10,-7,-7,-1|w:fix=21,8,-10,-38,20|w:folder=-19,-1,5,17,-2
w:follow=8,11,-4,-7,-8|w:following=-9,0,1,-3,12|w:for=17,-21,-8,2,10|w:format=-3,0,7,11,-14|w:found=2,0,3,-3,-1
w:from=-5,-20,13,-7,19|w:function=6,-1,12,-8,-9|w:get=-16,-1,3,-9,23|w:git=2,-1,5,-6,-1|w:github=-9,0,-1,13,-2
w:give=1,-1,9,2,-12|w:go=-7,7,11,-1,-10|w:going=3,-1,-2,6,-5|w:good=3,13,-5,8,-20|w:got=19,13,-2,-18,-11
w:great=-5,-1,-2,-3,11|w:guess=1,0,8,-5,-5|w:had=-5,3,1,4,-3|w:handle=20,-4,-1,-11,-5|w:happen=-5,0,6,2,-4
w:happens=-4,0,4,1,-1|w:hard=-11,0,-3,4,11|w:has=-3,-1,-7,27,-16|w:have=-12,-6,-17,-6,41|w:helper=-8,0,-1,8,1
w:here=-3,-1,-8,9,2|w:hmm=8,0,0,-11,3|w:how=-5,-3,-1,4,4|w:https=2,-1,-2,5,-4|w:i=-5,-3,-1,37,-26|w:i'd=0,-2,-4,2,4
w:i'll=10,6,0,0,-16|w:i'm=27,-1,-3,-16,-6|w:id=-2,0,4,-9,7|w:if=10,9,5,-16,-8|w:ignore=5,0,-8,-3,6
w:implement=-17,18,-3,-4,6|w:implementation=-7,-3,-1,7,4|w:import=-12,-10,19,-6,9|w:in=-22,-25,22,42,-13
w:install=3,-3,-6,-2,8|w:instead=-4,-1,-6,-10,20|w:into=9,-1,4,0,-11|w:is=1,-23,15,34,-27|w:isn't=15,-2,-8,0,-5
w:issue=-13,-1,2,12,-1|w:ist=7,-2,1,-4,-2|w:it=3,5,-10,23,-20|w:it's=-5,-6,8,27,-24|w:job=-12,1,-2,7,5
w:json=-16,-1,3,11,3|w:just=24,-12,-13,10,-9|w:keep=-4,-6,-5,48,-33|w:key=-6,0,-6,9,4|w:know=-19,1,3,17,-1
w:la=26,-1,-21,-1,-4|w:last=14,-2,-14,7,-6|w:later=-39,-2,21,28,-8|w:left=10,-1,5,-1,-13|w:les=-6,-3,-1,-7,17
w:let=8,0,-5,-1,-2|w:let's=9,11,-1,-11,-7|w:like=18,20,-10,-14,-15|w:limit=-6,0,-1,8,-1|w:line=14,-9,-7,0,2
w:linear=-12,-2,-5,9,10|w:lint=6,-1,0,-6,0|w:list=6,-1,-14,-18,27|w:local=-4,-4,2,16,-10|w:lock=-7,-1,17,-3,-6
w:log=4,-1,-1,-12,10|w:logging=7,0,-11,-2,6|w:logic=-1,0,-10,9,2|w:logs=-2,-1,3,8,-8|w:long=3,0,1,-1,-4
w:look=-21,-1,11,0,11|w:looking=6,-1,1,-4,-2|w:looks=7,6,-3,-7,-3|w:machine=-11,0,4,11,-5|w:main=-6,-15,0,22,-1
w:make=-17,-8,-16,11,30|w:makes=-3,-1,10,0,-5|w:manually=4,0,-2,-1,-1|w:matches=10,0,-1,-5,-4|w:may=-8,0,-2,3,6
w:md=4,0,-2,-2,0|w:me=5,2,16,-11,-12|w:mean=-2,0,4,-4,2|w:meant=-9,0,4,6,-1|w:medium=-15,0,-1,-1,16
w:merge=-28,-10,-3,11,31|w:merged=-1,-1,0,-4,6|w:message=2,-2,3,11,-15|w:migration=-9,-1,6,21,-17
w:mind=2,4,-1,12,-17|w:missing=12,0,-7,-7,2|w:mode=-8,0,5,-2,5|w:more=-35,-5,8,-1,33|w:move=10,-1,-3,-1,-5
w:much=-2,3,10,-2,-9|w:my=-15,1,-9,37,-14|w:name=0,-1,-5,8,-1|w:need=-19,3,13,6,-3|w:needed=-25,-1,8,17,2
w:needs=2,-1,-2,5,-5|w:never=-3,0,4,-4,4|w:new=5,-17,-3,-14,28|w:next=-21,-14,-2,-3,40|w:nice=-2,4,-1,-2,1
w:no=18,-9,-2,-3,-4|w:noch=1,-1,-5,-3,8|w:non=6,-1,-8,6,-3|w:not=-8,11,16,-16,-1|w:note=1,0,-5,17,-13
w:nothing=8,-1,0,-2,-5|w:now=-35,-27,-6,13,54|w:of=15,-6,-10,6,-5|w:off=11,-1,11,-7,-14|w:ok=7,7,-14,-7,7
w:old=0,-2,-6,18,-11|w:older=-5,0,6,2,-3|w:on=-41,-14,-9,41,24|w:once=-8,7,4,0,-5|w:one=-32,-11,18,10,15
w:ones=-4,13,5,-7,-7|w:only=15,1,-10,0,-6|w:open=0,-4,2,-5,7|w:option=-4,-1,-6,12,0|w:or=7,-1,16,-4,-18
w:other=6,-1,23,-26,-2|w:our=-22,-1,6,13,4|w:out=3,-2,10,-12,1|w:output=-6,-1,-3,2,7|w:over=18,-1,0,-5,-12
w:parameter=0,0,-2,-1,3|w:part=5,0,3,0,-7|w:path=-12,0,-1,6,6|w:pattern=13,0,-11,-1,-1|w:per=-5,-1,1,12,-7
w:phase=-4,-2,-2,-13,21|w:places=16,0,-7,-7,-1|w:plan=-12,13,0,-7,6|w:please=22,14,5,-9,-31|w:pr=2,-16,-4,1,17
w:previous=-7,0,-12,20,0|w:print=1,-2,-7,-10,17|w:problem=-21,0,1,15,6|w:process=-8,0,4,7,-3|w:project=-5,-1,4,5,-4
w:push=-8,-19,-7,-1,35|w:put=-4,0,1,-5,8|w:que=-11,-1,9,4,-1|w:question=4,2,12,-3,-14|w:rather=6,0,1,-5,-2
w:read=6,-1,-2,-13,10|w:real=-8,-1,28,7,-27|w:really=8,0,-17,15,-6|w:reason=-16,0,22,-1,-5|w:rebase=4,-1,3,3,-9
w:refactor=-8,0,-2,-3,14|w:release=-4,-1,-1,2,4|w:remaining=-7,-1,2,-2,8|w:remove=39,-2,-5,-4,-29
w:rename=-3,-4,0,-14,21|w:replace=-1,0,-1,-1,4|w:repo=5,-1,9,-12,-1|w:reset=-1,0,6,-12,6|w:rest=-3,14,2,-1,-11
w:restore=4,0,0,-1,-2|w:result=11,0,-1,-2,-9|w:retry=-11,-1,9,-2,5|w:returns=5,0,-1,-1,-3|w:review=-14,-7,-8,-16,45
w:right=5,4,4,-9,-4|w:root=-6,0,0,4,2|w:run=-22,-9,8,-5,28|w:running=-13,0,17,1,-4|w:same=-17,-8,-6,32,-1
w:say=-1,-1,11,1,-11|w:says=24,-1,-2,-13,-9|w:script=14,-1,-11,-1,-2|w:second=-1,-8,5,7,-3|w:see=16,12,-25,9,-13
w:seems=-15,-1,1,21,-7|w:sense=-9,-2,8,5,-2|w:separate=15,-8,12,-10,-9|w:set=12,-1,-4,-5,-2|w:settings=-11,-1,9,8,-5
w:sha=3,-2,1,0,-2|w:should=3,-3,-4,10,-6|w:shouldn't=-9,0,10,0,-1|w:show=-2,-1,-3,2,4|w:shows=7,-1,0,0,-6
w:side=-13,0,-1,14,1|w:similar=-7,-1,12,10,-14|w:simple=8,0,-5,7,-9|w:simplify=-2,-1,1,-3,5|w:since=8,-1,1,-6,-2
w:skip=21,-4,-7,12,-22|w:so=-31,4,19,11,-3|w:someone=-22,0,1,27,-6|w:something=-3,-1,-7,8,4|w:sorry=-12,1,8,4,-2
w:start=-30,2,6,-8,30|w:state=-14,-1,-1,12,4|w:step=11,-4,2,1,-11|w:still=32,-4,3,-32,0|w:stop=25,-2,-7,-17,1
w:summary=-7,0,-2,-1,10|w:sure=-8,8,1,9,-9|w:take=-7,-1,-3,9,2|w:task=-11,-11,-7,5,23|w:tell=-4,0,14,-4,-6
w:test=10,-6,0,-9,5|w:testing=22,-2,-13,-3,-4|w:tests=48,-15,-25,-22,14|w:text=-7,0,-1,-2,10|w:than=5,0,-3,9,-11
w:that=-2,10,5,14,-24|w:that's=16,5,-11,2,-12|w:the=40,-51,1,-10,28|w:them=-1,-6,1,-2,9|w:then=-24,-15,-2,7,34
w:there=27,-2,14,-30,-9|w:there's=20,-2,-4,-22,8|w:these=-13,6,-1,-4,12|w:they=12,-5,-3,-4,0|w:thing=-5,1,-3,-1,8
w:think=3,5,-4,1,-6|w:this=29,-4,-6,2,-17|w:three=7,0,-14,0,7|w:time=8,0,-2,-7,1|w:to=-13,-40,-7,38,23
w:token=-3,0,-1,7,-3|w:too=2,-6,8,-3,0|w:try=-17,13,8,2,-7|w:tu=-6,-1,3,-1,5|w:turn=8,0,-3,-1,-3|w:twice=-5,0,3,-4,6
w:two=40,-1,-21,-6,-12|w:type=4,0,-1,-1,-2|w:types=7,-6,-1,-11,10|w:un=-6,-1,-8,-1,16|w:unit=-3,0,3,-1,1
w:unused=-22,0,8,-3,17|w:up=-25,23,8,-8,3|w:update=-32,-4,-9,12,33|w:us=0,0,0,5,-5|w:use=-15,-3,5,27,-14
w:used=-5,-2,11,2,-6|w:user=-1,-3,2,2,0|w:users=-16,-3,-2,15,6|w:v2=6,-3,-1,-1,-2|w:variable=8,0,-1,-1,-6
w:version=0,-4,-3,-6,13|w:wait=19,-1,-2,-7,-10|w:want=8,-3,-8,-4,6|w:warning=-2,0,0,3,-1|w:was=-35,2,11,38,-15
w:way=-16,-1,7,14,-4|w:we=3,-12,-15,17,14|w:well=-14,-2,-6,-1,23|w:were=11,0,1,-2,-10|w:what=5,3,15,1,-23
w:what's=-13,7,6,10,-11|w:when=-15,-2,18,14,-15|w:where=24,-4,-14,-6,0|w:which=6,-1,-8,2,0|w:while=-8,-7,2,-5,18
w:whole=-1,0,0,-6,7|w:why=23,12,-8,-18,-9|w:will=-19,-1,21,8,-10|w:with=-24,1,-18,2,40|w:without=1,0,-3,6,-5
w:work=0,-1,13,-5,-7|w:works=-1,45,-4,-17,-23|w:would=-31,-1,40,-6,-2|w:wouldn't=3,0,-1,-1,-2|w:write=6,2,-10,-21,23
w:written=4,0,-3,-2,0|w:x=20,-10,-1,-7,-2|w:y=7,-8,7,-11,5|w:yeah=-19,35,8,10,-33|w:yep=0,8,0,-5,-2
w:yes=-20,3,-2,40,-21|w:you=19,-6,10,-7,-11|w:your=10,12,0,-15,-7|x:code=-6,-1,-4,-5,16|x:code&work=28,-5,-6,-16,-2
x:impersonal=2,-3,-13,0,13|x:impersonal&code=-8,0,4,0,5|x:impersonal&long=12,0,-9,6,-8
x:impersonal&modal=9,0,8,-16,0|x:impersonal&modal&work=11,0,8,-15,-4|x:impersonal&work=9,-2,-11,3,3
"""


def _row(text: str) -> tuple[str, tuple[float, ...]]:
    name, _, numbers = text.rpartition("=")
    return name.replace("\\n", "\n"), tuple(int(number) / UNITS for number in numbers.split(","))


WEIGHTS: dict[str, tuple[float, ...]] = dict(map(_row, _DATA.strip("\n").replace("\n", "|").split("|")))
"""Feature -> its weights."""

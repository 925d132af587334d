dflc profile 1
graph	traced	1
node	first	1	1	1	40	26:1
node	again	3	3	3	121	23:1	26:1	28:1
node	left	1	1	1	40	26:1
node	right	1	1	1	40	26:1
node	each_one	3	3	3	181	28:1	31:1	32:1
node	last	1	1	1	40	26:1
section	fan	1
section	each x in xs [each_one]	1
edge	start	first	1
edge	first	again	1
edge	again	again	2
edge	again	fan	1
edge	last	end	1
edge	fan	each x in xs [each_one]	1
edge	each x in xs [each_one]	last	1

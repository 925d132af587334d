/* The hinge that the runtime has for tests: let n more allocations succeed, then fail one. */
#ifndef FAIL_AFTER_H
#define FAIL_AFTER_H

void dfl__fail_after(long n);

#endif

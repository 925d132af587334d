#ifndef TIMEOUT_SLEEP_H
#define TIMEOUT_SLEEP_H

void sleep_ms(int ms);

#endif

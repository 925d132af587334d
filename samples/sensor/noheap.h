/* Called first in main. */
void noheap_from_here_on(void);

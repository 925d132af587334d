/* Status codes to text. */
#include "dfl.h"

const char *dfl_strerror(int status) {
    switch (status) {
    case DFL_OK:
        return "success";
    case DFL_PAUSED:
        return "waiting for an answer";
    case DFL_ENODE:
        return "a node failed";
    case DFL_ENOMEM:
        return "out of memory";
    case DFL_ELIMIT:
        return "the step limit was passed";
    case DFL_ETIMEOUT:
        return "the run's time was up";
    case DFL_ECANCELLED:
        return "cancelled";
    case DFL_EGUARD:
        return "a guard could not be decided";
    case DFL_ESTORE:
        return "the checkpoint store failed";
    case DFL_ECORRUPT:
        return "damaged data";
    case DFL_ESCHEMA:
        return "saved by a program with another schema";
    case DFL_ENOTFOUND:
        return "no such thread or checkpoint";
    case DFL_EBUSY:
        return "busy";
    case DFL_EINVAL:
        return "invalid argument";
    default:
        return "unknown status";
    }
}

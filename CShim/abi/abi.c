#include "inpaint_abi.h"

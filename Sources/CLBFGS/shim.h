#pragma once
#include <lbfgs.h>

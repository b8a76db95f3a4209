// The C++ SDK: Executor, Future, wait, as_completed, map and errors. <futured/async.h> has the coroutines.
#pragma once

#include "futured/credentials.h"
#include "futured/errors.h"
#include "futured/executor.h"
#include "futured/future.h"
#include "futured/map.h"
#include "futured/news.h"
#include "futured/wait.h"

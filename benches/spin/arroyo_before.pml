/* `arroyo/before` as a Promela model, for a comparison of speed: N tasks on one worker, the last one fails.
   One process whose every option is one action, so that its states are those of the explorer.

     spin -a -DN=6 arroyo_before.pml && gcc -O3 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E -m100000 -w26

   `states, stored` is the explorer's number of states with `--symmetry off`: 791 with 3 tasks, 178433 with 5. */

#ifndef N
#define N 6
#endif

#define ALL ((1 << N) - 1)

byte life[N];                /* 0 new, 1 announced, 2 built, 3 at the barrier, 4 runs, 5 panicked, 6 dead */
chan inbox = [N + 1] of { byte };  /* i: TaskStarted(i); N + i: TaskFailed(i) */
short counted;
byte phase;                  /* 0 Scheduling, 1 Running, 2 Failed */
byte arrived;                /* as a set */
byte notice;

#define TASK(i) \
    :: d_step { life[i] == 0 -> life[i] = 1; inbox!i } \
    :: d_step { life[i] == 1 -> if :: i == N - 1 -> life[i] = 5 :: else -> life[i] = 2 fi } \
    :: d_step { life[i] == 2 -> life[i] = 3; arrived = arrived | (1 << i) } \
    :: d_step { life[i] == 3 && arrived == ALL -> life[i] = 4 } \
    :: d_step { life[i] == 5 -> life[i] = 6; inbox!(N + i) }

active proctype everything() {
    do
    TASK(0)
    TASK(1)
#if N > 2
    TASK(2)
#endif
#if N > 3
    TASK(3)
#endif
#if N > 4
    TASK(4)
#endif
#if N > 5
    TASK(5)
#endif
#if N > 6
    TASK(6)
#endif
    :: d_step {
        inbox?notice ->
        if
        :: phase == 0 && notice < N ->
            counted = counted | (1 << notice);
            if :: counted == ALL -> phase = 1 :: else fi
        :: phase == 1 && notice >= N -> phase = 2
        :: else
        fi;
        notice = 0
    }
    od
}

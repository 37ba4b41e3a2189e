/* The steps that most days go through, athlete after athlete and day after day.
 *
 * Each gives what its twin in NumPy gives, to the bit: the same operations on the same numbers in the same order, so
 * it must be compiled without anything that fuses or reorders them (see hatch_build.py). What it saves is the way to
 * memory and back between two steps. Arrays are of athlete by day, in one piece; NaN is missing; flags are 0 or 1.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define STEP __declspec(dllexport)
#elif defined(CLONES)
#define STEP __attribute__((visibility("default"), target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STEP __attribute__((visibility("default")))
#endif

typedef int64_t whole;
typedef uint8_t flag;

#define KNOWN(x) ((x) == (x))

static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }
static inline whole larger_whole(whole a, whole b) { return a > b ? a : b; }

/* Rows of numbers are gone through so many at a time: a window has as much room, its unused end infinite. */
#define TOGETHER 8

static inline whole roomy(whole size) { return (size / TOGETHER + 1) * TOGETHER; }

static double *new_window(whole size)
{
    double *window = malloc((size_t)roomy(size) * sizeof *window);
    for (whole i = 0; window && i < roomy(size); i++)
        window[i] = INFINITY;
    return window;
}

static inline void emptied(double *window, whole size)
{
    for (whole i = 0; i < roomy(size); i++)
        window[i] = INFINITY;
}

/* One value more in a window that is kept in order; how many it holds then. */
static inline whole entered(double *window, whole n, double new)
{
    whole into = n;
    for (; into > 0 && window[into - 1] > new; into--)
        window[into] = window[into - 1];
    window[into] = new;
    return n + 1;
}

/* One value out and another in, either of which may be missing; how many it holds then. */
static inline whole moved(double *window, whole size, whole n, double gone, double new)
{
    whole out = 0, into = 0;
    for (whole i = 0; i < roomy(size); i += TOGETHER)
        for (whole j = i; j < i + TOGETHER; j++) {
            out += window[j] < gone;
            into += window[j] < new;
        }
    if (!KNOWN(gone))
        out = n++;
    if (!KNOWN(new)) {
        for (whole i = out; i < n - 1; i++)
            window[i] = window[i + 1];
        window[n - 1] = INFINITY;
        return n - 1;
    }
    if (out < into) {
        for (whole i = out; i < into - 1; i++)
            window[i] = window[i + 1];
        window[into - 1] = new;
    } else {
        for (whole i = out; i > into; i--)
            window[i] = window[i - 1];
        window[into] = new;
    }
    return n;
}

/* The median of a window, and the median distance from it times `unit`.
 *
 * To the left the distances rise from the middle downwards, to the right from the next one upwards: how many of the
 * smallest stand on which side is found by halving.
 */
static inline void centre(const double *window, whole n, double unit, double *middle, double *spread)
{
    whole low = (n - 1) / 2, wanted = n / 2 + 1;
    double median = 0.5 * (window[low] + window[n / 2]);
    whole left = larger_whole(0, wanted - (n - low - 1)), most = low + 1 < wanted ? low + 1 : wanted;
    while (left < most) {
        whole half = (left + most) / 2;
        if (median - window[low - half] < window[low + wanted - half] - median)
            left = half + 1;
        else
            most = half;
    }
    whole right = wanted - left;
    double near_left = left > 0 ? median - window[low - left + 1] : -1.0;
    double near_right = right > 0 ? window[low + right] - median : -1.0;
    double largest, next;
    if (near_left > near_right) {
        largest = near_left;
        next = larger(left > 1 ? median - window[low - left + 2] : -1.0, near_right);
    } else {
        largest = near_right;
        next = larger(right > 1 ? window[low + right - 1] - median : -1.0, near_left);
    }
    *middle = median;
    *spread = (n % 2 ? largest : 0.5 * (next + largest)) * unit;
}

/* Median of the known ones of the last `size` values, and the median distance from it times `unit`.
 *
 * Of each athlete, for the places from `first` to `last`; NaN elsewhere and with fewer than `at_least` known values.
 * 0: there was no memory.
 */
STEP int medians(const double *values, whole athletes, whole days, const whole *first, const whole *last, whole size,
                 whole at_least, double unit, double *middle, double *spread)
{
    double *window = new_window(size);
    if (!window)
        return 0;
    for (whole a = 0; a < athletes; a++, values += days, middle += days, spread += days) {
        whole n = 0;
        emptied(window, size);
        for (whole place = 0; place < days; place++)
            middle[place] = spread[place] = NAN;
        whole begin = larger_whole(first[a], 0), end = last[a] < days - 1 ? last[a] : days - 1;
        for (whole place = begin; place <= end; place++) {
            if (place > begin)
                n = moved(window, size, n, place >= size ? values[place - size] : NAN, values[place]);
            else
                for (whole earlier = larger_whole(place - size + 1, 0); earlier <= place; earlier++)
                    n = KNOWN(values[earlier]) ? entered(window, n, values[earlier]) : n;
            if (n >= at_least)
                centre(window, n, unit, middle + place, spread + place);
        }
    }
    free(window);
    return 1;
}

/* The usual of each day: median and median distance times `unit` of the last `size` of the first `count` values.
 *
 * `packed` [athlete, place]: the values of each side by side, the number `unseen` + 1 in place `size` - 1; `count`
 * [athlete, day] never falls. NaN with fewer than `at_least`, and where none are seen. 0: there was no memory.
 */
STEP int references(const double *packed, whole athletes, whole width, const whole *unseen, const whole *count,
                    whole days, whole size, whole at_least, double unit, double *middle, double *scale)
{
    double *window = new_window(size);
    if (!window)
        return 0;
    for (whole a = 0; a < athletes; a++, packed += width, count += days, middle += days, scale += days) {
        whole n = 0, seen = 0;
        for (whole t = 0; t < days; t++) {
            whole wanted = count[t] - unseen[a];
            if (wanted <= 0 || count[t] < at_least || wanted > width - size + 1) {
                middle[t] = scale[t] = NAN;
                continue;
            }
            if (seen && wanted == seen) {
                middle[t] = middle[t - 1];
                scale[t] = scale[t - 1];
                continue;
            }
            flag same = seen > 0;
            if (seen && wanted - seen < size)
                for (; seen < wanted; seen++) {
                    double gone = packed[seen - 1], new = packed[seen - 1 + size];
                    if (gone == new) /* as answers often are: the window is what it was */
                        continue;
                    n = moved(window, size, n, gone, new);
                    same = 0;
                }
            else {
                emptied(window, size);
                for (n = 0, seen = larger_whole(wanted - size, 1 - size); seen < wanted; seen++)
                    n = KNOWN(packed[seen + size - 1]) ? entered(window, n, packed[seen + size - 1]) : n;
                same = 0;
            }
            if (same) {
                middle[t] = middle[t - 1];
                scale[t] = scale[t - 1];
            } else if (n) {
                centre(window, n, unit, middle + t, scale + t);
            } else {
                middle[t] = scale[t] = NAN;
            }
        }
    }
    free(window);
    return 1;
}

/* Stretches of rows into other rows: of each the row, the place in it and how many bytes. */
STEP void copies(const char *from, whole from_row, const whole *from_rows, const whole *from_places, char *to,
                 whole to_row, const whole *to_rows, const whole *to_places, const whole *lengths, whole number,
                 whole item)
{
    for (whole i = 0; i < number; i++)
        memcpy(to + to_rows[i] * to_row + to_places[i] * item, from + from_rows[i] * from_row + from_places[i] * item,
               (size_t)(lengths[i] * item));
}

/* Days on which somebody may be found to have crept away from the usual; see `baseline`.
 *
 * The last `days` of the `length` days of `mean` and `best` are those of `worse`.
 */
STEP void near(const double *mean, const double *best, whole athletes, whole length, const double *worse, whole days,
               double month, double day, double extreme, flag *wanted)
{
    for (whole a = 0; a < athletes; a++, mean += length, best += length, worse += days, wanted += days) {
        const double *own = mean + length - days, *low = best + length - days;
        for (whole t = 0; t < days; t++) {
            flag creeps = (own[t] - low[t] >= month) & (worse[t] - low[t] >= day);
            wanted[t] = (creeps | (worse[t] >= extreme)) & KNOWN(own[t]);
        }
    }
}

/* The quantile of the known ones of the last `span` values, on the days that are wanted; NaN on the others.
 *
 * The last `days` of the `length` days of `values` are those of `wanted`. 0: there was no memory.
 */
STEP int quantiles(const double *values, whole athletes, whole length, const flag *wanted, whole days, whole span,
                   double quantile, double *out)
{
    const whole near_by = 64; /* days; from further away a window is filled anew */
    double *window = new_window(span);
    if (!window)
        return 0;
    for (whole a = 0; a < athletes; a++, values += length, wanted += days, out += days) {
        whole n = 0, end = -near_by; /* the window holds the `span` values before this place */
        for (whole t = 0; t < days; t++) {
            out[t] = NAN;
            if (!wanted[t])
                continue;
            whole stop = length - days + t + 1;
            if (stop - end >= near_by) {
                emptied(window, span);
                n = 0;
                for (whole place = larger_whole(stop - span, 0); place < stop; place++)
                    n = KNOWN(values[place]) ? entered(window, n, values[place]) : n;
                end = stop;
            }
            for (; end < stop; end++)
                n = moved(window, span, n, end >= span ? values[end - span] : NAN, values[end]);
            if (!n)
                continue;
            double at = quantile * (double)(n - 1), low = floor(at);
            double lower = window[(whole)low], upper = window[(whole)ceil(at)];
            out[t] = low == at ? lower : (at - low) * (upper - lower) + lower;
        }
    }
    free(window);
    return 1;
}

/* Median of the known values of the `span` up to each row and of rows of the same instant, where there are `least`.
 *
 * `at` rises. 0: there was no memory.
 */
STEP int middles(const whole *at, const double *values, whole rows, whole span, whole least, double *out)
{
    whole most = 1;
    for (whole low = 0, high = 0; high < rows; high++) {
        while (at[low] < at[high] - span)
            low++;
        most = larger_whole(most, high - low + 1);
    }
    double *window = new_window(most);
    if (!window)
        return 0;
    whole n = 0, low = 0, high = 0;
    for (whole row = 0; row < rows; row++) {
        while (high < rows && at[high] <= at[row]) {
            flag leaves = low < high && at[low] < at[row] - span;
            n = moved(window, most, n, leaves ? values[low] : NAN, values[high++]);
            low += leaves;
        }
        for (; low < high && at[low] < at[row] - span; low++)
            n = moved(window, most, n, values[low], NAN);
        double lower = n ? window[(n - 1) / 2] : NAN, upper = n ? window[n / 2] : NAN;
        out[row] = n >= least ? lower + (upper - lower) * 0.5 : NAN;
    }
    free(window);
    return 1;
}

/* Where each wanted number would stand among rising keys: before its equals, or with `after` behind them. */
STEP void places(const whole *keys, whole number, const whole *wanted, whole rows, int after, whole *out)
{
    whole place = 0;
    for (whole row = 0; row < rows; row++) {
        whole key = wanted[row];
        if (row && key < wanted[row - 1]) { /* not in order: begin anew, by halving */
            whole end = place;
            for (place = 0; place < end;) {
                whole half = (place + end) / 2;
                if (keys[half] < key || (after && keys[half] == key))
                    place = half + 1;
                else
                    end = half;
            }
        }
        while (place < number && (keys[place] < key || (after && keys[place] == key)))
            place++;
        out[row] = place;
    }
}

/* `total`: sums of `values` times `others` from row `low` to before row `high`, as differences of a running total. */
static inline void between(const double *values, const double *others, whole rows, const whole *low, const whole *high,
                           whole windows, double more, double *run, double *total)
{
    run[0] = 0.0;
    for (whole row = 0; row < rows; row++)
        run[row + 1] = run[row] + values[row] * others[row];
    for (whole i = 0; i < windows; i++)
        total[i] = run[high[i]] - run[low[i]] + more;
}

/* What a ridge regression of `y` on `x` [feature, row] needs of each window of rows from `low` to before `high`.
 *
 * `squares` [feature i, feature j up to i, window]: X'X, with `ridge` on the diagonal but the first; `half`
 * [feature, window]: X'y; `rest` [window]: y'y. 0: there was no memory.
 */
STEP int grams(const double *x, const double *y, whole features, whole rows, const whole *low, const whole *high,
               whole windows, double ridge, double *squares, double *half, double *rest)
{
    double *run = malloc((size_t)(rows + 1) * sizeof *run);
    if (!run)
        return 0;
    for (whole i = 0; i < features; i++)
        for (whole j = 0; j <= i; j++, squares += windows)
            between(x + i * rows, x + j * rows, rows, low, high, windows, i == j && i ? ridge : 0.0, run, squares);
    for (whole i = 0; i < features; i++)
        between(x + i * rows, y, rows, low, high, windows, 0.0, run, half + i * windows);
    between(y, y, rows, low, high, windows, 0.0, run, rest);
    free(run);
    return 1;
}

/* The belief after each day, put in place of the weights, and the count each day meets.
 *
 * `weight` [state, athlete, day]; `up` and `down` [move, athlete, day]; `start` [athlete, state]; `gate`
 * [athlete, day + 1], its first column given.
 */
STEP void beliefs(double *weight, const double *up, const double *down, const double *start, whole athletes, whole days,
                  whole gate_d, whole fall, double threshold, whole *gate)
{
    whole cells = athletes * days;
    for (whole a = 0; a < athletes; a++, gate += days + 1, start += 4) {
        double fresh = start[0], cumulative = start[1], excessive = start[2], overtraining = start[3];
        whole count = gate[0];
        for (whole t = 0; t < days; t++) {
            whole at = a * days + t;
            double fc = up[at], ce = up[cells + at], eo = count < gate_d ? 0.0 : up[2 * cells + at];
            double cf = down[at], ec = down[cells + at], oe = down[2 * cells + at];
            double f = (fresh * (1.0 - fc) + cumulative * cf) * weight[at];
            double c = (fresh * fc + cumulative * (1.0 - ce - cf) + excessive * ec) * weight[cells + at];
            double e = (cumulative * ce + excessive * (1.0 - eo - ec) + overtraining * oe) * weight[2 * cells + at];
            double o = (excessive * eo + overtraining * (1.0 - oe)) * weight[3 * cells + at];
            double total = f + c + e + o;
            weight[at] = fresh = f / total;
            weight[cells + at] = cumulative = c / total;
            weight[2 * cells + at] = excessive = e / total;
            weight[3 * cells + at] = overtraining = o / total;
            count = excessive + overtraining >= threshold ? count + 1 : larger_whole(count - fall, 0);
            gate[t + 1] = count;
        }
    }
}

/* `to`: each day's value of `from` and what `earlier` was so many days before. */
static inline void plus_earlier(const double *restrict from, const double *restrict earlier, whole length, whole days,
                                double *restrict to)
{
    whole none = days < length ? days : length;
    memcpy(to, from, (size_t)none * sizeof *to);
    for (whole t = none; t < length; t++)
        to[t] = from[t] + earlier[t - days];
}

/* The sum of the last `days` values of one row, none of them missing, put together from sums over 1, 2, 4 ... of them.
 * `room` is for four rows; the answer is one of them, or `power` itself. */
static inline const double *summed(const double *power, whole length, whole days, double *room)
{
    double *powers[2] = {room, room + length}, *totals[2] = {room + 2 * length, room + 3 * length};
    const double *total = NULL;
    for (whole size = 1, turn = 0, next = 0; size <= days; turn ^= 1) {
        if (days & size) {
            if (total) {
                plus_earlier(power, total, length, size, totals[next]);
                total = totals[next];
            } else {
                memcpy(totals[next], power, (size_t)length * sizeof *power);
                total = totals[next];
            }
            next ^= 1;
        }
        size *= 2;
        if (size <= days) {
            plus_earlier(power, power, length, size / 2, powers[turn]);
            power = powers[turn];
        }
    }
    return total ? total : power;
}

/* The sum of the last `days` days, missing ones counting 0. 0: there was no memory. */
STEP int sums(const double *values, whole athletes, whole length, whole days, double *out)
{
    double *room = malloc((size_t)length * 5 * sizeof *room), *filled = room + 4 * length;
    if (!room)
        return 0;
    for (whole a = 0; a < athletes; a++, values += length, out += length) {
        for (whole t = 0; t < length; t++)
            filled[t] = KNOWN(values[t]) ? values[t] : 0.0;
        memcpy(out, summed(filled, length, days, room), (size_t)length * sizeof *out);
    }
    free(room);
    return 1;
}

/* The mean of the known values of the last `days` days; NaN with fewer than `at_least`. 0: there was no memory. */
STEP int means(const double *values, whole athletes, whole length, whole days, whole at_least, double *out)
{
    if (!sums(values, athletes, length, days, out))
        return 0;
    for (whole a = 0; a < athletes; a++, values += length, out += length) {
        whole known = 0;
        for (whole t = 0; t < length; t++) {
            known += KNOWN(values[t]);
            if (t >= days)
                known -= KNOWN(values[t - days]);
            out[t] = known >= at_least ? out[t] / (double)known : NAN;
        }
    }
    return 1;
}

/* How many of the last `days` values are known, and their variance. 0: there was no memory. */
STEP int moments(const double *values, whole athletes, whole length, whole days, double *known, double *variance)
{
    double *room = malloc((size_t)length * 7 * sizeof *room);
    double *filled = room + 4 * length, *squares = filled + length, *total = squares + length;
    if (!room)
        return 0;
    for (whole a = 0; a < athletes; a++, values += length, known += length, variance += length) {
        for (whole t = 0; t < length; t++) {
            filled[t] = KNOWN(values[t]) ? values[t] : 0.0;
            squares[t] = filled[t] * filled[t];
        }
        memcpy(total, summed(filled, length, days, room), (size_t)length * sizeof *total);
        const double *of_squares = summed(squares, length, days, room);
        whole n = 0;
        for (whole t = 0; t < length; t++) {
            n += KNOWN(values[t]);
            if (t >= days)
                n -= KNOWN(values[t - days]);
            known[t] = (double)n;
        }
        for (whole t = 0; t < length; t++) {
            double mean = total[t] / known[t], spread = of_squares[t] / known[t] - mean * mean;
            variance[t] = spread < 0.0 ? 0.0 : spread;
        }
    }
    free(room);
    return 1;
}

/* The lowest known value of the last `days` days; infinite without any. 0: there was no memory. */
STEP int lowest(const double *values, whole athletes, whole length, whole days, double *out)
{
    double *room = malloc((size_t)length * 2 * sizeof *room);
    if (!room)
        return 0;
    for (whole a = 0; a < athletes; a++, values += length, out += length) {
        double *low = room, *next = room + length;
        for (whole t = 0; t < length; t++)
            low[t] = KNOWN(values[t]) ? values[t] : INFINITY;
        for (whole size = 1, step; size < days; size += step) {
            step = size < days - size ? size : days - size; /* a value that counts twice is still the lowest */
            double *restrict to = next;
            const double *restrict from = low;
            for (whole t = 0; t < length && t < step; t++)
                to[t] = from[t];
            for (whole t = step; t < length; t++)
                to[t] = smaller(from[t], from[t - step]);
            next = low;
            low = to;
        }
        memcpy(out, low, (size_t)length * sizeof *out);
    }
    free(room);
    return 1;
}

/* How many usable values there are up to each day, and after how many its reference stands. */
STEP void counts(const flag *usable, const flag *frozen, whole athletes, whole days, whole lag, whole at_least,
                 whole *number, whole *count)
{
    for (whole a = 0; a < athletes; a++, usable += days, frozen += days, number += days, count += days) {
        whole so_far = 0, held = 0;
        for (whole t = 0; t < days; t++) {
            if (!frozen[t]) {
                whole old = t >= lag ? number[t - lag] : 0, first = so_far < at_least ? so_far : at_least;
                held = larger_whole(old, first);
            }
            count[t] = held;
            so_far += usable[t];
            number[t] = so_far;
        }
    }
}

/* The usable values of each athlete side by side, from `place` on; rows of `packed` are `width` long. */
STEP void pack(const double *values, const flag *usable, whole athletes, whole days, whole place, whole width,
               double *packed)
{
    for (whole a = 0; a < athletes; a++, values += days, usable += days, packed += width) {
        whole at = place;
        for (whole t = 0; t < days; t++)
            if (usable[t] && at < width)
                packed[at++] = values[t];
    }
}

/* Strength of a sign that is bad on k of the n answered of the last `days` days, with k and n.
 *
 * `table` [n, k], a row `width` long.
 */
STEP void persisting(const flag *bad, const flag *answered, whole athletes, whole length, const double *table,
                     whole width, whole days, whole at_least, double *strength, int16_t *k, int16_t *n)
{
    for (whole a = 0; a < athletes; a++) {
        whole there = 0, these = 0;
        for (whole t = 0; t < length; t++) {
            there += answered[t];
            these += answered[t] & bad[t];
            if (t >= days) {
                there -= answered[t - days];
                these -= answered[t - days] & bad[t - days];
            }
            n[t] = (int16_t)there;
            k[t] = (int16_t)these;
            strength[t] = there >= at_least ? table[there * width + these] : NAN;
        }
        bad += length, answered += length, strength += length, k += length, n += length;
    }
}

/* Let a branch speak where it is stronger than what has spoken so far. `weights` and `qualities` are one number, or,
 * with `each`, one a day. */
STEP void speak(const double *branch, const double *weights, int each_weight, const double *qualities, int each_quality,
                whole cells, int8_t number, double *strength, double *quality, int8_t *spoke)
{
    for (whole at = 0; at < cells; at++) {
        double value = 0.5 + weights[each_weight ? at : 0] * (branch[at] - 0.5);
        if (KNOWN(value) && !(strength[at] >= value)) {
            strength[at] = value;
            quality[at] = qualities[each_quality ? at : 0];
            spoke[at] = number;
        }
    }
}

/* How much likelier each sign is in the other states than in the last: [sign, other state, day].
 *
 * `strength` [sign, day], a row `stride` after the other; `lean` [sign, state].
 */
STEP void likelihoods(const double *strength, whole stride, whole signs, whole days, const double *lean, whole states,
                      double *out)
{
    for (whole sign = 0; sign < signs; sign++, strength += stride, lean += states) {
        double base = lean[states - 1];
        for (whole state = 0; state < states - 1; state++, out += days) {
            double towards = lean[state];
            for (whole day = 0; day < days; day++) {
                double away = KNOWN(strength[day]) ? strength[day] - 0.5 : 0.0;
                out[day] = (0.5 + away * towards) / (0.5 + away * base);
            }
        }
    }
}

/* The log-ratios of each group: weighed, the largest whole and each next one times omega again, not yet capped.
 *
 * `ratio` [sign, state, day], weighed in place; `strength` and `quality` [sign, day], a row `stride` after the other;
 * `order`: the signs group by group, `begins`: where in it each group begins, and its end; `value` [group, state, day].
 * 0: there was no memory.
 */
STEP int evidence(double *ratio, const double *strength, const double *quality, whole stride, whole states, whole days,
                  const whole *order, const whole *begins, whole groups, double neg, double omega, double *value)
{
    whole signs = begins[groups];
    double *room = malloc((size_t)(days * (signs + 2)) * sizeof *room), *weight = room, *total = room + days;
    if (!room)
        return 0;
    for (whole sign = 0; sign < signs; sign++, strength += stride, quality += stride) {
        for (whole day = 0; day < days; day++)
            weight[day] = (strength[day] < 0.5 ? neg : 1.0) * (KNOWN(quality[day]) ? quality[day] : 1.0);
        for (whole state = 0; state < states; state++)
            for (whole day = 0; day < days; day++)
                ratio[(sign * states + state) * days + day] *= weight[day];
    }
    for (whole group = 0; group < groups; group++)
        for (whole state = 0; state < states; state++, value += days) {
            whole members = begins[group + 1] - begins[group];
            const whole *member = order + begins[group];
            if (members == 1) {
                memcpy(value, ratio + (member[0] * states + state) * days, (size_t)days * sizeof *value);
                continue;
            }
            for (int falls = 0; falls < 2; falls++) {
                for (whole m = 0; m < members; m++) {
                    const double *restrict own = ratio + (member[m] * states + state) * days;
                    double *restrict here = room + (2 + m) * days;
                    for (whole day = 0; day < days; day++)
                        here[day] = larger(falls ? -own[day] : own[day], 0.0);
                    for (whole earlier = 0; earlier < m; earlier++) {
                        double *restrict there = room + (2 + earlier) * days;
                        for (whole day = 0; day < days; day++) {
                            double one = there[day], other = here[day];
                            there[day] = larger(one, other);
                            here[day] = smaller(one, other);
                        }
                    }
                }
                memcpy(total, room + (1 + members) * days, (size_t)days * sizeof *total);
                for (whole m = members - 2; m >= 0; m--) {
                    const double *restrict own = room + (2 + m) * days;
                    for (whole day = 0; day < days; day++)
                        total[day] = own[day] + omega * total[day];
                }
                for (whole day = 0; day < days; day++)
                    value[day] = falls ? value[day] - total[day] : total[day];
            }
        }
    free(room);
    return 1;
}

/* Answers against the runner's own usual.
 *
 * `usual`: middle and spread of the population; `limits`: the smallest spread, the spreads that make a day bad, how
 * much worse than the anchor a month is, the share of that for a day, and what is too little to tell.
 */
STEP void judge(const double *worse, const double *own, const double *own_scale, const double *slow_mean,
                const double *anchor, whole cells, const double *usual, const double *limits, double *middle,
                double *scale, flag *bad, flag *learning)
{
    double floor = limits[0], bad_z = limits[1], month = limits[2], share = limits[3], tiny = limits[4];
    for (whole at = 0; at < cells; at++) {
        flag unknown = !KNOWN(own[at]);
        double width = unknown ? 0.0 : larger(own_scale[at], floor), margin = larger(month, width);
        middle[at] = unknown ? usual[0] : own[at];
        scale[at] = unknown ? usual[1] : width;
        learning[at] = unknown;
        flag low = worse[at] - middle[at] >= bad_z * scale[at] - tiny;
        flag creeps = slow_mean[at] - anchor[at] >= margin - tiny;
        bad[at] = low | (creeps & (worse[at] - anchor[at] >= share * margin - tiny));
    }
}

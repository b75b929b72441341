/* The scoring of models/native_scorer.py in C: the same masks, the same sums in the same order, the same bits.
 *
 * Optional. `befit kernel` compiles it for the machine it runs on; models/kernel_scorer.py says what it is given. */
#include <stdint.h>
#include <string.h>

typedef struct {
    int64_t count;         /* columns that any node tests */
    const int64_t *used;   /* where each stands in a row of values */
    const int64_t *base;   /* what its keys begin with */
    const int64_t *first;  /* its first row of the table; one more entry ends the last */
    const int64_t *keys;   /* the upper end of each row's interval, rising */
    const void *table;     /* masks, a row per interval and a column per tree */
} Columns;

typedef struct {
    int64_t trees, width, pair_width;
    Columns once, pair;
    const double *leaf_value;
} Forest;

/* The row of the table for a value: floats as integers that sort alike, missing values beyond either end. */
static int64_t row_of(const Columns *columns, int64_t column, const float *values)
{
    int32_t bits;
    memcpy(&bits, values + columns->used[column], sizeof bits);
    int64_t key = (int64_t)(bits ^ ((bits >> 31) & INT32_MAX)) + columns->base[column];
    int64_t low = columns->first[column], high = columns->first[column + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (columns->keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The sum of numpy's add.reduce: pairwise, in blocks of eight. */
static double pairwise(const double *terms, int64_t count)
{
    if (count < 8) {
        double sum = -0.0;
        for (int64_t i = 0; i < count; i++)
            sum += terms[i];
        return sum;
    }
    if (count > 128) {
        int64_t half = count / 2;
        half -= half % 8;
        return pairwise(terms, half) + pairwise(terms + half, count - half);
    }
    double part[8];
    memcpy(part, terms, sizeof part);
    int64_t i = 8;
    for (; i < count - count % 8; i += 8)
        for (int j = 0; j < 8; j++)
            part[j] += terms[i + j];
    double sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    for (; i < count; i++)
        sum += terms[i];
    return sum;
}

/* Both widths of masks share one text. `actions` has a row of masks per action, `once` one row of values, `pair` one
 * per chosen action; `margins` is filled. */
#define SCORE(NAME, MASK, LOWEST)                                                                                    \
    static void NAME##_narrow(const Columns *columns, const float *values, MASK *masks, int64_t trees)               \
    {                                                                                                                \
        for (int64_t column = 0; column < columns->count; column++) {                                               \
            const MASK *row = (const MASK *)columns->table + row_of(columns, column, values) * trees;               \
            for (int64_t tree = 0; tree < trees; tree++)                                                             \
                masks[tree] &= row[tree];                                                                            \
        }                                                                                                            \
    }                                                                                                                \
                                                                                                                     \
    void NAME(const Forest *forest, const MASK *actions, const float *once, const int64_t *chosen, int64_t count,    \
              const float *pair, double *margins)                                                                   \
    {                                                                                                                \
        const int64_t trees = forest->trees;                                                                        \
        MASK shared[trees], masks[trees];                                                                            \
        double terms[trees];                                                                                         \
        memset(shared, 0xff, sizeof shared);                                                                         \
        NAME##_narrow(&forest->once, once, shared, trees);                                                           \
        for (int64_t i = 0; i < count; i++) {                                                                        \
            const MASK *action = actions + chosen[i] * trees;                                                        \
            for (int64_t tree = 0; tree < trees; tree++)                                                             \
                masks[tree] = shared[tree] & action[tree];                                                           \
            NAME##_narrow(&forest->pair, pair + i * forest->pair_width, masks, trees);                               \
            for (int64_t tree = 0; tree < trees; tree++)                                                             \
                terms[tree] = forest->leaf_value[tree * forest->width + LOWEST(masks[tree])];                        \
            margins[i] = pairwise(terms, trees);                                                                     \
        }                                                                                                            \
    }

SCORE(score32, uint32_t, __builtin_ctz)
SCORE(score64, uint64_t, __builtin_ctzll)

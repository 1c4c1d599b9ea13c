/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Fourier transforms of any length by its prime factors, fours first, in Stockham's order, which needs no bit reversal
 * (Van Loan 1992, Computational Frameworks for the Fast Fourier Transform, 1.7).
 *
 * Channels are the vectors' lanes: CHUNK of them are transformed at once, from one half of the scratch to the other and
 * back.  A step of radix p takes the points that lie m s apart, of what is left of the length, p m, and of the product of
 * earlier radices, s:
 *
 *     to[q + s (p k + r)] = e^(-2 pi i k r / (p m)) sum over j of from[q + s (k + m j)] e^(-2 pi i j r / p)
 *
 * A prime factor costs its square.  Beneath a thousand or so that is no more than what the detour to a power of two
 * would take (Bluestein 1970). */

enum { CHUNK = 16 };

#define LANES_OF_CHUNK for (int i = 0; i < CHUNK; i++)

typedef struct {
  float *re, *im; /* [point][CHUNK] */
} Points;

/* What one step of a length has in common. */
typedef struct {
  int64_t      count, radix, rest, product; /* all of the length, p, m, s */
  const float *roots;
} FourierStep;

/* Results of one butterfly, turned by the roots' power, to a point. */
INLINE void
turn (const float *restrict re, const float *restrict im, const FourierStep *step, int64_t power, Points to, int64_t point)
{
  float cosine = step->roots[2 * power], sine = step->roots[2 * power + 1];
  float *restrict to_re = to.re + point * CHUNK, *restrict to_im = to.im + point * CHUNK;
  LANES_OF_CHUNK
    {
      to_re[i] = re[i] * cosine + im[i] * sine;
      to_im[i] = im[i] * cosine - re[i] * sine;
    }
}

static void
step_of_two (const FourierStep *step, Points from, Points to)
{
  int64_t s = step->product, apart = step->rest * s * CHUNK;
  for (int64_t k = 0; k < step->rest; k++)
    for (int64_t q = 0; q < s; q++)
      {
        const float *restrict a = from.re + (q + s * k) * CHUNK, *restrict b = from.im + (q + s * k) * CHUNK;
        float sum[2][CHUNK], difference[2][CHUNK];
        LANES_OF_CHUNK
          {
            sum[0][i] = a[i] + a[apart + i];
            sum[1][i] = b[i] + b[apart + i];
            difference[0][i] = a[i] - a[apart + i];
            difference[1][i] = b[i] - b[apart + i];
          }
        turn (sum[0], sum[1], step, 0, to, q + s * 2 * k);
        turn (difference[0], difference[1], step, k * s, to, q + s * (2 * k + 1));
      }
}

static void
step_of_four (const FourierStep *step, Points from, Points to)
{
  int64_t s = step->product, apart = step->rest * s * CHUNK;
  for (int64_t k = 0; k < step->rest; k++)
    for (int64_t q = 0; q < s; q++)
      {
        const float *restrict a = from.re + (q + s * k) * CHUNK, *restrict b = from.im + (q + s * k) * CHUNK;
        float re[4][CHUNK], im[4][CHUNK];
        LANES_OF_CHUNK
          {
            float even_re = a[i] + a[2 * apart + i], odd_re = a[apart + i] + a[3 * apart + i];
            float even_im = b[i] + b[2 * apart + i], odd_im = b[apart + i] + b[3 * apart + i];
            float across_re = a[i] - a[2 * apart + i], turned_im = a[apart + i] - a[3 * apart + i];
            float across_im = b[i] - b[2 * apart + i], turned_re = b[apart + i] - b[3 * apart + i];
            re[0][i] = even_re + odd_re;
            im[0][i] = even_im + odd_im;
            re[1][i] = across_re + turned_re;
            im[1][i] = across_im - turned_im;
            re[2][i] = even_re - odd_re;
            im[2][i] = even_im - odd_im;
            re[3][i] = across_re - turned_re;
            im[3][i] = across_im + turned_im;
          }
        for (int64_t r = 0; r < 4; r++)
          turn (re[r], im[r], step, k * r * s, to, q + s * (4 * k + r));
      }
}

/* Of an odd radix.  Points j and p - j meet in their sum and difference; results r and p - r differ in a sign. */
static void
step_of_odd (const FourierStep *step, Points from, Points to, float *restrict pairs)
{
  int64_t s = step->product, p = step->radix, half = p / 2, apart = step->rest * s * CHUNK;
  for (int64_t k = 0; k < step->rest; k++)
    for (int64_t q = 0; q < s; q++)
      {
        const float *restrict a = from.re + (q + s * k) * CHUNK, *restrict b = from.im + (q + s * k) * CHUNK;
        float first[2][CHUNK];
        LANES_OF_CHUNK
          {
            first[0][i] = a[i];
            first[1][i] = b[i];
          }
        for (int64_t j = 1; j <= half; j++)
          {
            float *restrict pair = pairs + (j - 1) * 4 * CHUNK;
            LANES_OF_CHUNK
              {
                float re = a[j * apart + i], im = b[j * apart + i];
                float other_re = a[(p - j) * apart + i], other_im = b[(p - j) * apart + i];
                pair[i] = re + other_re;
                pair[CHUNK + i] = im + other_im;
                pair[2 * CHUNK + i] = re - other_re;
                pair[3 * CHUNK + i] = im - other_im;
                first[0][i] += re + other_re;
                first[1][i] += im + other_im;
              }
          }
        turn (first[0], first[1], step, 0, to, q + s * p * k);
        for (int64_t r = 1; r <= half; r++)
          {
            float along[2][CHUNK], across[2][CHUNK] = { 0 };
            LANES_OF_CHUNK
              {
                along[0][i] = a[i];
                along[1][i] = b[i];
              }
            for (int64_t j = 1, place = r; j <= half; j++, place = place + r < p ? place + r : place + r - p)
              {
                const float *restrict pair = pairs + (j - 1) * 4 * CHUNK;
                const float *root = step->roots + 2 * place * (step->count / p);
                float cosine = root[0], sine = root[1];
                LANES_OF_CHUNK
                  {
                    along[0][i] += pair[i] * cosine;
                    along[1][i] += pair[CHUNK + i] * cosine;
                    across[0][i] += pair[3 * CHUNK + i] * sine;
                    across[1][i] -= pair[2 * CHUNK + i] * sine;
                  }
              }
            float re[2][CHUNK], im[2][CHUNK];
            LANES_OF_CHUNK
              {
                re[0][i] = along[0][i] + across[0][i];
                im[0][i] = along[1][i] + across[1][i];
                re[1][i] = along[0][i] - across[0][i];
                im[1][i] = along[1][i] - across[1][i];
              }
            turn (re[0], im[0], step, k * r * s, to, q + s * (p * k + r));
            turn (re[1], im[1], step, k * (p - r) * s, to, q + s * (p * k + p - r));
          }
      }
}

INLINE int64_t
next_radix (int64_t length)
{
  if (length % 4 == 0)
    return 4;
  if (length % 2 == 0)
    return 2;
  for (int64_t factor = 3; factor * factor <= length; factor += 2)
    if (length % factor == 0)
      return factor;
  return length;
}

static void
fourier (float *restrict re, float *restrict im, int64_t stride, int64_t count, int64_t channels,
         const float *restrict roots, float *restrict scratch)
{
  for (int64_t channel = 0; channel < channels; channel += CHUNK)
    {
      Points from = { scratch, scratch + count * CHUNK };
      Points to = { scratch + 2 * count * CHUNK, scratch + 3 * count * CHUNK };
      size_t bytes = (size_t) (channels - channel < CHUNK ? channels - channel : CHUNK) * sizeof (float);
      for (int64_t n = 0; n < count; n++)
        {
          if (bytes < CHUNK * sizeof (float))
            {
              memset (from.re + n * CHUNK, 0, CHUNK * sizeof (float));
              memset (from.im + n * CHUNK, 0, CHUNK * sizeof (float));
            }
          memcpy (from.re + n * CHUNK, re + n * stride + channel, bytes);
          memcpy (from.im + n * CHUNK, im + n * stride + channel, bytes);
        }
      FourierStep step = { .count = count, .rest = count, .product = 1, .roots = roots };
      while (step.rest > 1)
        {
          step.radix = next_radix (step.rest);
          step.rest /= step.radix;
          if (step.radix == 4)
            step_of_four (&step, from, to);
          else if (step.radix == 2)
            step_of_two (&step, from, to);
          else
            step_of_odd (&step, from, to, scratch + 4 * count * CHUNK);
          step.product *= step.radix;
          Points last = from;
          from = to;
          to = last;
        }
      for (int64_t n = 0; n < count; n++)
        {
          memcpy (re + n * stride + channel, from.re + n * CHUNK, bytes);
          memcpy (im + n * stride + channel, from.im + n * CHUNK, bytes);
        }
    }
}

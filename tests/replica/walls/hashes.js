// md5, sha1 and sha256 of a text of ASCII characters, as hexadecimal digits.
const words = (text, bigEndian) => {
  const all = new Array((((text.length + 8) >> 6) + 1) * 16).fill(0);
  const put = (at, byte) => { all[at >> 2] |= byte << (bigEndian ? 24 - (at % 4) * 8 : (at % 4) * 8); };
  for (let at = 0; at < text.length; at++) put(at, text.charCodeAt(at));
  put(text.length, 0x80);
  all[all.length - (bigEndian ? 1 : 2)] = text.length * 8;
  return all;
};
const left = (value, by) => (value << by) | (value >>> (32 - by));
const right = (value, by) => (value >>> by) | (value << (32 - by));
const digits = (numbers, bigEndian) => numbers.map(number => {
  const bytes = [24, 16, 8, 0].map(by => ((number >>> by) & 255).toString(16).padStart(2, "0"));
  return (bigEndian ? bytes : bytes.reverse()).join("");
}).join("");
const hashes = {
  md5(text) {
    const all = words(text, false), turns = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    for (let start = 0; start < all.length; start += 16) {
      let [a, b, c, d] = state;
      for (let step = 0; step < 64; step++) {
        const round = step >> 4;
        const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
        const place = [step, 5 * step + 1, 3 * step + 5, 7 * step][round] % 16;
        const sum = (a + mixed + Math.floor(2 ** 32 * Math.abs(Math.sin(step + 1))) + all[start + place]) | 0;
        [a, b, c, d] = [d, (b + left(sum, turns[round][step % 4])) | 0, b, c];
      }
      [a, b, c, d].forEach((value, at) => { state[at] = (state[at] + value) | 0; });
    }
    return digits(state, false);
  },
  sha1(text) {
    const all = words(text, true), state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
    for (let start = 0; start < all.length; start += 16) {
      const w = all.slice(start, start + 16);
      for (let step = 16; step < 80; step++) w[step] = left(w[step - 3] ^ w[step - 8] ^ w[step - 14] ^ w[step - 16], 1);
      let [a, b, c, d, e] = state;
      for (let step = 0; step < 80; step++) {
        const round = Math.floor(step / 20);
        const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][round];
        const next = (left(a, 5) + mixed + e + [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round] + w[step]) | 0;
        [a, b, c, d, e] = [next, a, left(b, 30), c, d];
      }
      [a, b, c, d, e].forEach((value, at) => { state[at] = (state[at] + value) | 0; });
    }
    return digits(state, true);
  },
  sha256(text) {
    const primes = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every(prime => n % prime)) primes.push(n);
    const part = (n, power) => ((n ** power % 1) * 2 ** 32) | 0;
    const state = primes.slice(0, 8).map(prime => part(prime, 1 / 2)), k = primes.map(prime => part(prime, 1 / 3));
    const all = words(text, true);
    for (let start = 0; start < all.length; start += 16) {
      const w = all.slice(start, start + 16);
      for (let step = 16; step < 64; step++) {
        const x = w[step - 15], y = w[step - 2];
        w[step] = (w[step - 16] + (right(x, 7) ^ right(x, 18) ^ (x >>> 3)) + w[step - 7] + (right(y, 17) ^ right(y, 19) ^ (y >>> 10))) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let step = 0; step < 64; step++) {
        const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + k[step] + w[step]) | 0;
        const two = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, h].forEach((value, at) => { state[at] = (state[at] + value) | 0; });
    }
    return digits(state, true);
  },
};

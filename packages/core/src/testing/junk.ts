import fc from 'fast-check'

/** Text made of what the parsers look for, so that it comes near to everything they accept. */
export const junk: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...'"\\,;=:[]%. \n_'),
        fc.constantFrom(...'for= For=" :: 0 ffff 0x7f 010 256 unknown 9.9.9.9 ::ffff: ::1 :80'.split(' ')),
        fc.ipV4Extended(),
        fc.ipV6(),
      ),
      { maxLength: 12 },
    )
    .map((tokens) => tokens.join('')),
)

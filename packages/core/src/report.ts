/**
 * Tells a user's listener something. What it throws, or rejects with, is reported and changes nothing.
 * @param name the option's name, for the message
 */
export async function tell<A extends readonly unknown[]>(
  listener: (...args: A) => unknown,
  name: string,
  ...args: A
): Promise<void> {
  try {
    await listener(...args)
  } catch (error) {
    console.error(`spillway: \`${name}\` threw; the decision stands.`, error)
  }
}

/** How many places there are at first. The number of places is always a power of two. */
const FIRST_PLACES = 64;

/**
 * Things in the order in which they were added, each with a number of its own, by which it is found.
 *
 * Not a Map, which replaces its table after a number of additions and removals. A former table that has reached V8's old
 * space keeps what was in it alive until the next major garbage collection.
 */
export class Numbered<Thing extends NonNullable<unknown>> {
  /** The place of a thing is given by the low bits of its number. */
  private things: (Thing | undefined)[] = new Array(FIRST_PLACES).fill(undefined);
  private numbers = new Float64Array(FIRST_PLACES);
  private last = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Returns the number of a thing: from 1, and larger than all before. */
  add(thing: Thing): number {
    if (2 * this.count >= this.things.length) this.grow();
    // A number is skipped if an older thing still has its place.
    do this.last++;
    while (this.things[this.placeOf(this.last)] !== undefined);
    this.put(thing, this.last);
    this.count++;
    return this.last;
  }

  find(number: number): Thing | undefined {
    const place = this.placeOf(number);
    return this.numbers[place] === number ? this.things[place] : undefined;
  }

  /** Returns whether it was there. */
  remove(number: number): boolean {
    if (this.find(number) === undefined) return false;
    this.things[this.placeOf(number)] = undefined;
    this.count--;
    return true;
  }

  /** All things, the first one first. */
  all(): Thing[] {
    const places = [...this.things.keys()].filter((place) => this.things[place] !== undefined);
    places.sort((one, other) => (this.numbers[one] as number) - (this.numbers[other] as number));
    return places.map((place) => this.things[place] as Thing);
  }

  /** Whether a thing passes a test. */
  some(test: (thing: Thing) => boolean): boolean {
    return this.things.some((thing) => thing !== undefined && test(thing));
  }

  private put(thing: Thing, number: number): void {
    const place = this.placeOf(number);
    this.things[place] = thing;
    this.numbers[place] = number;
  }

  private placeOf(number: number): number {
    return number & (this.things.length - 1);
  }

  /** Numbers with different places have different places among twice as many, too. */
  private grow(): void {
    const { things, numbers } = this;
    this.things = new Array(2 * things.length).fill(undefined);
    this.numbers = new Float64Array(2 * things.length);
    for (const [place, thing] of things.entries()) {
      if (thing !== undefined) this.put(thing, numbers[place] as number);
    }
  }
}

/** How many places there are at first; a power of two, as it remains. */
const PLACES = 64;

/**
 * Things in the order in which they were added, each with a number of its own, by which it is found.
 *
 * Not a Map: that makes itself a new table after so many changes, and its old tables, once they have come into the old
 * space of V8's heap, keep alive what was in them until the next slow garbage collection.
 */
export class Numbered<Thing> {
  /** A thing is at the place that the last bits of its number say. */
  private things: (Thing | undefined)[] = new Array(PLACES).fill(undefined);
  private numbers = new Float64Array(PLACES);
  private last = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Returns the number of a thing: from 1, and larger than all before. */
  add(thing: Thing): number {
    if (2 * this.count >= this.things.length) this.grow();
    let place: number;
    // One that stays for long is passed over.
    do place = this.placeOf(++this.last);
    while (this.things[place] !== undefined);
    this.things[place] = thing;
    this.numbers[place] = this.last;
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

  private placeOf(number: number): number {
    return number & (this.things.length - 1);
  }

  private grow(): void {
    const { things, numbers } = this;
    this.things = new Array(2 * things.length).fill(undefined);
    this.numbers = new Float64Array(2 * things.length);
    for (const [from, thing] of things.entries()) {
      if (thing === undefined) continue;
      const number = numbers[from] as number;
      const place = this.placeOf(number);
      this.things[place] = thing;
      this.numbers[place] = number;
    }
  }
}

/** What a contender does with the objects of a bucket. */
export interface Side {
  put(name: string, data: Buffer): Promise<void>;
  /** Resolves with the size of the object. */
  get(name: string): Promise<number>;
  /** Stores an object of so many parts, each when the one before has completed. */
  putParts(name: string, part: Buffer, count: number): Promise<void>;
  /** Reads an object part by part, and keeps none of them; resolves with its size. */
  getParts(name: string): Promise<number>;
}

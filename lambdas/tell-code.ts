// Makes the code of an error its name, because a name is all that Lambda passes on of what kind of error it was.
import { StarquakeError } from '../src/protocol/starquake-error.ts';

/** The handler, whose own errors go by the names of their codes. */
export const tellCode =
  <Given extends readonly unknown[], Answer>(handler: (...given: Given) => Promise<Answer>) =>
  async (...given: Given): Promise<Answer> => {
    try {
      return await handler(...given);
    } catch (error) {
      if (error instanceof StarquakeError) error.name = error.code;
      throw error;
    }
  };

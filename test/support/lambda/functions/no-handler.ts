// A module that is no function.
export const something = 'else';

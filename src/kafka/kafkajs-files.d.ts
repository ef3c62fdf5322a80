/** The files of kafkajs that are no part of its interface; kafkajs-internals.ts says what is in them. */
declare module 'kafkajs/src/*' {
  const exported: unknown;
  export default exported;
}

// What js-libp2p expects of Node.js 22 and Node.js 20 lacks. Import it first.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new this((a, b) => { resolve = a; reject = b })
  return { promise, resolve, reject }
}

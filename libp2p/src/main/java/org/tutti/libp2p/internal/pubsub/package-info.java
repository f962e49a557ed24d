/// What the engines of publish/subscribe share: an RPC and its bytes (`Rpc`, `RpcCodec`), what goes
/// into an engine and comes out (`PubsubEngine`, `PubsubOutput`), and what was seen before
/// (`SeenCache`). The engines are in `gossipsub` and `floodsub`, what drives them over a host in
/// `driver`. Start reading at `PubsubEngine`.
@NullMarked
package org.tutti.libp2p.internal.pubsub;

import org.jspecify.annotations.NullMarked;

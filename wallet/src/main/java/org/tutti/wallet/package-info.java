/// What the group owns and how it spends it: no sockets, no secret keys.
///
/// The packages: `coins` (the group's key, address and coins), `spend` (building, completing and
/// following a payment), `policy` (what this signer approves), `payments` (a payment's whole life,
/// from the order to the block), `request` (the same for requests of strangers). Start reading at
/// [org.tutti.wallet.coins.GroupWallet].
@NullMarked
package org.tutti.wallet;

import org.jspecify.annotations.NullMarked;

/// The life of a payment: ordered by somebody ([org.tutti.wallet.payments.PaymentRequester]), then
/// signed, checked, broadcast and followed into a block by every node
/// ([org.tutti.wallet.payments.PaymentProcessor], start reading there), which tells a listener
/// typed [events][org.tutti.wallet.payments.PaymentEvent].
///
/// The listeners of this package connect the two with the signing service and the light client. How
/// events are printed and orders come in is for others: nothing here knows JSON or a node.
@NullMarked
package org.tutti.wallet.payments;

import org.jspecify.annotations.NullMarked;

/// The adverts that a node knows, without threads, clock or network. Start reading at
/// [org.tutti.coordinator.internal.advert.AdvertBook].
@NullMarked
package org.tutti.coordinator.internal.advert;

import org.jspecify.annotations.NullMarked;

/// What a host counts and measures: [org.tutti.libp2p.metrics.HostStats], which every host has, and
/// [org.tutti.libp2p.metrics.Metrics], through which a program hears of each thing as it happens,
/// to hand it to a metrics library of its choice. Start reading at `Metrics`.
@NullMarked
package org.tutti.libp2p.metrics;

import org.jspecify.annotations.NullMarked;

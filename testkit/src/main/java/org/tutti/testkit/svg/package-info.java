/// Small charts as SVG text: lines and points, enough for reports. Start at
/// [org.tutti.testkit.svg.Chart].
@NullMarked
package org.tutti.testkit.svg;

import org.jspecify.annotations.NullMarked;

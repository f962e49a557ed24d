/// How long a start from a large journal takes (`./tutti bench journal`). Start reading at
/// [org.tutti.benchmarks.journal.JournalBench].
@NullMarked
package org.tutti.benchmarks.journal;

import org.jspecify.annotations.NullMarked;

package org.tutti.testkit.svg;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Where a value stands on an axis, and which values are written beside it.
///
/// @param low at the beginning of the axis; above 0 if logarithmic
/// @param high at its end, above `low`
record Scale(double low, double high, boolean logarithmic) {
    private static final int TICKS = 6;

    /// One that shows all of the values, and has room where there is but one.
    static Scale of(List<Double> values, boolean logarithmic) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            if (Double.isFinite(value) && (!logarithmic || value > 0)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        if (low > high) {
            return new Scale(1, 10, logarithmic);
        }
        if (logarithmic) {
            double from = Math.pow(10, Math.floor(Math.log10(low)));
            double to = Math.pow(10, Math.ceil(Math.log10(high)));
            return new Scale(from, to > from ? to : from * 10, true);
        }
        // Near 0 the axis begins there: a chart that begins elsewhere exaggerates.
        double from = low >= 0 && low < 0.6 * high ? 0 : low;
        double room = high > from ? (high - from) * 0.05 : Math.max(1, Math.abs(high) * 0.1);
        return new Scale(from == 0 ? 0 : from - room, high + room, false);
    }

    /// 0 to 1, where the value is on the axis.
    double position(double value) {
        return logarithmic
                ? Math.log(value / low) / Math.log(high / low)
                : (value - low) / (high - low);
    }

    /// Round values: powers of ten, or steps of 1, 2 or 5 times one.
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            for (double tick = low; tick <= high * 1.001; tick *= 10) {
                ticks.add(tick);
            }
            return ticks;
        }
        double raw = (high - low) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double step =
                power * (raw / power > 5 ? 10 : raw / power > 2 ? 5 : raw / power > 1 ? 2 : 1);
        for (long i = (long) Math.ceil(low / step); i * step <= high; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /// At most four digits behind the point, none that say nothing.
    static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        String text = String.format(Locale.ROOT, "%.4f", value).replaceAll("0+$", "");
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}

package org.tutti.testkit.svg;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// A chart of lines or points, as one SVG document of about 700 by 420 that needs nothing else.
public final class Chart {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 40;
    private static final int BOTTOM = 60;
    private static final int LEGEND_LINE = 16;

    /// The palette of Okabe and Ito, which people see apart who do not see all colours.
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

    /// One point.
    public record Point(double x, double y) {}

    private record Series(String name, List<Point> points, boolean line) {}

    private final String title;
    private final String xLabel;
    private final String yLabel;
    private final List<Series> series = new ArrayList<>();
    private boolean logX;
    private boolean logY;

    /// @param xLabel what is on the axis, with its unit
    public Chart(String title, String xLabel, String yLabel) {
        this.title = title;
        this.xLabel = xLabel;
        this.yLabel = yLabel;
    }

    /// Powers of ten on the x axis; points at 0 and below are left out.
    public Chart logarithmicX() {
        logX = true;
        return this;
    }

    /// Powers of ten on the y axis; points at 0 and below are left out.
    public Chart logarithmicY() {
        logY = true;
        return this;
    }

    /// Points joined in their order.
    public Chart line(String name, List<Point> points) {
        series.add(new Series(name, List.copyOf(points), true));
        return this;
    }

    /// Points by themselves.
    public Chart scatter(String name, List<Point> points) {
        series.add(new Series(name, List.copyOf(points), false));
        return this;
    }

    /// How much of some values is at most x: a line from 0 to 1 with at most 200 points.
    public static List<Point> cumulative(double... values) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        List<Point> points = new ArrayList<>();
        int step = Math.max(1, sorted.length / 200);
        for (int i = step - 1; i < sorted.length; i += step) {
            points.add(new Point(sorted[i], (i + 1.0) / sorted.length));
        }
        if (sorted.length % step != 0) {
            points.add(new Point(sorted[sorted.length - 1], 1));
        }
        return points;
    }

    /// The document.
    public String svg() {
        Scale x = scale(Point::x, logX);
        Scale y = scale(Point::y, logY);
        StringBuilder out = new StringBuilder(4096);
        out.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"%s\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                                + " font-size=\"12\">%n",
                        NAMESPACE,
                        WIDTH,
                        HEIGHT));
        out.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        text(out, WIDTH / 2.0, 22, "middle\" font-size=\"15", title);
        axes(out, x, y);
        for (int i = 0; i < series.size(); i++) {
            draw(out, series.get(i), COLOURS.get(i % COLOURS.size()), x, y);
            legend(out, i);
        }
        return out.append("</svg>\n").toString();
    }

    /// A name of the W3C's, not an address that anybody fetches.
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";

    private Scale scale(ToDoubleFunction<Point> coordinate, boolean logarithmic) {
        Stream<Point> all = series.stream().flatMap(s -> s.points().stream());
        return Scale.of(all.mapToDouble(coordinate).boxed().toList(), logarithmic);
    }

    private static double px(Scale x, double value) {
        return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double py(Scale y, double value) {
        return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
    }

    private void axes(StringBuilder out, Scale x, Scale y) {
        for (double tick : x.ticks()) {
            double at = px(x, tick);
            stroke(out, at, TOP, at, HEIGHT - BOTTOM, "#dddddd");
            text(out, at, HEIGHT - BOTTOM + 18, "middle", Scale.text(tick));
        }
        for (double tick : y.ticks()) {
            double at = py(y, tick);
            stroke(out, LEFT, at, WIDTH - RIGHT, at, "#dddddd");
            text(out, LEFT - 6, at + 4, "end", Scale.text(tick));
        }
        stroke(out, LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "#333333");
        stroke(out, LEFT, TOP, LEFT, HEIGHT - BOTTOM, "#333333");
        text(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 18, "middle", xLabel);
        String turned =
                String.format(
                        Locale.ROOT, "middle\" transform=\"rotate(-90 16 %d)", (TOP + HEIGHT) / 2);
        text(out, 16, (TOP + HEIGHT) / 2.0, turned, yLabel);
    }

    private static void draw(StringBuilder out, Series series, String colour, Scale x, Scale y) {
        StringBuilder path = new StringBuilder();
        for (Point point : series.points()) {
            if (!isOn(x, point.x()) || !isOn(y, point.y())) {
                continue;
            }
            if (series.line()) {
                path.append(path.isEmpty() ? "M" : "L").append(number(px(x, point.x())));
                path.append(' ').append(number(py(y, point.y())));
            }
            if (!series.line() || series.points().size() <= 20) {
                out.append("<circle cx=\"").append(number(px(x, point.x())));
                out.append("\" cy=\"").append(number(py(y, point.y())));
                out.append("\" r=\"2.5\" fill=\"").append(colour).append("\"/>\n");
            }
        }
        if (!path.isEmpty()) {
            out.append("<path d=\"").append(path).append("\" fill=\"none\" stroke=\"");
            out.append(colour).append("\" stroke-width=\"1.8\"/>\n");
        }
    }

    private static boolean isOn(Scale scale, double value) {
        return Double.isFinite(value) && (!scale.logarithmic() || value > 0);
    }

    private void legend(StringBuilder out, int index) {
        // Below on the right: there the curves of shares leave room, and those that rise.
        double top = HEIGHT - BOTTOM - 8 - (series.size() - index) * LEGEND_LINE;
        out.append("<rect x=\"").append(WIDTH - RIGHT - 14).append("\" y=\"").append(number(top));
        out.append("\" width=\"10\" height=\"10\" fill=\"");
        out.append(COLOURS.get(index % COLOURS.size())).append("\"/>\n");
        text(out, WIDTH - RIGHT - 20, top + 9, "end", series.get(index).name());
    }

    private static void stroke(
            StringBuilder out, double x1, double y1, double x2, double y2, String colour) {
        out.append("<line x1=\"").append(number(x1)).append("\" y1=\"").append(number(y1));
        out.append("\" x2=\"").append(number(x2)).append("\" y2=\"").append(number(y2));
        out.append("\" stroke=\"").append(colour).append("\"/>\n");
    }

    private static void text(StringBuilder out, double x, double y, String anchor, String text) {
        out.append("<text x=\"").append(number(x)).append("\" y=\"").append(number(y));
        out.append("\" text-anchor=\"").append(anchor).append("\">");
        out.append(escaped(text)).append("</text>\n");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}

# Smallest perturbation that errs against the certified radius; both against k; digits; pictures.
draws = ARG1 . "draws.csv"
radii = ARG1 . "radii.csv"
tied = ARG1 . "tied.csv"
digits = ARG1 . "digits.csv"
array family[3] = ["random", "matched", "comb"]
array words[3] = ["γ and w Gaussian", "w = γ, equal entries", "part of a comb"]
array pair[3] = ["0-1", "3-8", "4-9"]
set output ARG2 . "." . ARG3
set multiplot layout 2,2 margins 0.105,0.985,0.125,0.875 spacing 0.125,0.19 title "Label of a sparse-coded linear classifier under attack (S, 1 layer FC)"
set logscale xy
set format "%g"
within(f) = (stringcolumn("family") eq f && column("dimension") == 64 && stringcolumn("premise") eq "yes" ? column("certified_radius") : NaN)
beyond(d) = (column("dimension") == d && stringcolumn("premise") eq "no" ? column("certified_radius") : NaN)
set title "synthetic, D = [I H/8], λ = 4 certified radii"
set xlabel "certified radius O/(7.5 √k ||w||), signal units"
set ylabel "radius where it first errs, signal units" font ",13"
set xrange [1e-4:1]
set yrange [1e-4:10]
set key bottom right font ",10" spacing 1
plot draws using (beyond(64)):"attacked_radius" with points lt 8 pt 6 ps 0.5 lw 1 title "premise fails (k ≥ 4)", \
  for [i=1:3] draws using (within(family[i])):"attacked_radius" with points lt i ps 0.5 title words[i], \
  x with lines lt 7 title "bound"
unset logscale x
set xrange [0.5:8.5]
# The bar of a draw that errs without any perturbation ends at the frame: its ratio is 0.
set yrange [0.1:1e3]
set format y "10^{%T}"
set xlabel "k = ||γ||_0"
set ylabel "first error / certified radius" font ",15"
set title "the same against k (median; bars: all draws)"
set arrow 1 from 3.5, graph 0 to 3.5, graph 1 nohead lt 8 dt 2 lw 2
set label 1 "premise holds" at 3.4, 1.8 right font ",12"
set label 2 "fails" at 3.6, 1.8 font ",12"
set key top left font ",10" samplen 1 spacing 1 maxrows 3
at(f, i) = (stringcolumn("family") eq f && column("dimension") == 64 ? column("k") + 0.12 * (i - 2) : NaN)
plot for [i=1:3] radii using (at(family[i], i)):"attacked_over_certified_median":(column("attacked_over_certified_min") > 0.1 ? column("attacked_over_certified_min") : 0.1):"attacked_over_certified_max" with yerrorlines lt i title words[i], \
  for [i=1:3] radii using (at(family[i], i)):(column("attacked_over_certified_min") == 0 ? 0.1 : NaN) with points lt i pt 11 ps 1.4 notitle, \
  NaN with points lt 8 pt 11 ps 1.4 title "errs unperturbed: 0", \
  1 with lines lt 7 title "bound"
set format y "%g"
unset arrow 1
unset label 1
unset label 2
set logscale x
set xrange [0.9:9]
set xtics (1, 2, 3, 4, 5, 6, 7, 8)
set yrange [3:150]
set ytics (5, 10, 20, 50, 100)
set key spacing 1.15
set title "λ = 4ε for every ε, w = γ (vertical: premise ends)"
set ylabel "O / (||w|| × first error)" font ",15"
set key top left font ",11" maxrows 5 spacing 1
set arrow 1 from 3.5, graph 0 to 3.5, graph 1 nohead lt 1 dt 2 lw 2
set arrow 2 from 5.67, graph 0 to 5.67, graph 1 nohead lt 2 dt 2 lw 2
fall = "margin_over_weight_norm_and_tied_radius"
scaling(n) = (stringcolumn("family") eq "matched" && column("dimension") == n ? column("k") : NaN)
plot 7.5*x with lines lt 8 dt 3 title "7.5 k, as printed", 7.5*sqrt(x) with lines lt 7 title "7.5 √k, as derived", \
  4*sqrt(x)+1 with lines lt 3 title "4 √k + 1: D = I", \
  tied using (scaling(64)*0.98):fall with points lt 1 ps 0.6 title "[I H/8], every draw", \
  tied using (scaling(256)*1.02):fall with points lt 2 ps 0.6 title "[I H/16], every draw"
unset arrow 1
unset arrow 2
set xtics autofreq
set ytics autofreq
set xrange [0.005:0.3]
set yrange [2e-4:10]
set title "MNIST digits of k learned atoms"
set xlabel "formula's radius, pixel units"
set ylabel "radius where it first errs, pixels" font ",13"
set key bottom right font ",10" samplen 2 spacing 1 maxrows auto
pick(p, k) = (stringcolumn("pair") eq p && column("k") == k ? column("certified_radius") : NaN)
plot for [i=1:3] digits using (pick(pair[i], 10)):"attacked_radius" with points lt i pt 6 ps 0.9 title pair[i] . ", k = 10 (premise fails)", \
  for [i=1:3] digits using (pick(pair[i], 1)):"attacked_radius" with points lt i pt 7 ps 0.7 title pair[i] . ", k = 1 (premise holds)", \
  x with lines lt 7 title "formula"
unset multiplot
set output ARG2 . "-digits." . ARG3
unset logscale
unset key
unset grid
unset tics
unset border
unset xlabel
unset ylabel
set size ratio -1
set xrange [*:*]
set yrange [*:*] reverse
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
set cbtics
set title "one digit of each pair (k = 10): digit, smallest perturbation that errs, their sum (pixel units)"
plot ARG1 . "pictures-1.csv" using "column":"row":"value" with image

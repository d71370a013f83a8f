# Relative objective gap against iterations (left) and seconds (right): geometric means over the draws.
set output ARG2 . "." . ARG3
data = ARG1 . "curves.csv"
set multiplot layout 1,2 margins 0.105,0.985,0.125,0.845 spacing 0.085 title "Solvers of multi-layer basis pursuit (B Fig. 2); bands: 95 % intervals over the draws"
set logscale xy
set format xy "10^{%T}"
set yrange [1e-11:10]
names = "admm-ista admm-fista admm-ista-to-gap admm-fista-to-gap ml-ista ml-fista ml-fista-small-step ml-fista-decreasing-step bp-ista bp-fista"
titles = "'ADMM, inner ISTA' 'ADMM, inner FISTA' 'ADMM, ISTA to a gap' 'ADMM, FISTA to a gap' 'ML-ISTA' 'ML-FISTA' 'ML-FISTA, μ/100' 'ML-FISTA, μ falling' 'ISTA on BP, its F^*' 'FISTA on BP, its F^*'"
pick(i, name) = (stringcolumn("method") eq word(names, i) ? column(name) : NaN)
style(i) = i == 1 || i == 3 ? 2 : i > 8 ? 3 : 1
do for [axis in "iteration seconds"] {
  set xlabel (axis eq "iteration" ? "iterations (ADMM: outer ones)" : "time (seconds)") offset 0,0.3
  set ylabel (axis eq "iteration" ? "relative gap, F(γ)/F^* − 1" : "")
  set xrange [(axis eq "iteration" ? 1 : 5e-7):(axis eq "iteration" ? 1e5 : 20)]
  if (axis eq "iteration") { set key at screen 0.53, 0.945 center top Left reverse maxrows 3 nobox font ",12" spacing 1 samplen 1.5 } else { unset key }
  plot for [i=1:10] data using (pick(i, axis)):"relative_gap_lower_95":"relative_gap_upper_95" with filledcurves lt i fs transparent solid 0.18 noborder notitle, \
    for [i=1:10] data using (pick(i, axis)):"relative_gap" with lines lt i lw 2.5 dt style(i) title word(titles, i)
}
unset multiplot

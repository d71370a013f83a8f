# Gradients, ρ, codes by layer, times.
set output ARG2 . "." . ARG3
set multiplot layout 2,3 margins 0.075,0.985,0.1,0.9 spacing 0.085,0.17 title "B's and R's remarks on their networks; bars: 95 % intervals over the seeds"
set title font ",13"
set key font ",11" spacing 1 samplen 1.5
data = ARG1 . "gradient_means.csv"
set logscale y
set format y "10^{%T}"
set xlabel "unfoldings" offset 0,0.5
set xrange [-0.3:6.3]
set title "gradients of D_i at the start (B Sec. 4)"
set ylabel "‖∂ loss/∂D_i‖" offset 1,0
set key top left Left reverse
set yrange [1e-4:1e4]
pick(s, d) = (column("first_filters_scale") == s && column("dictionary") == d ? column("unfoldings") : NaN)
plot for [d=1:3] data using (pick(1, d)):"gradient_norm":"gradient_norm_lower_95":"gradient_norm_upper_95" with yerrorlines lt d title sprintf("D_%d, first filters 1/√fan-in", d), \
  for [d=1:3] data using (pick(0.1, d)):"gradient_norm":"gradient_norm_lower_95":"gradient_norm_upper_95" with yerrorlines lt d dt 2 title sprintf("D_%d, a tenth", d)
unset logscale y
set key noreverse Right
set format y "%g"
data = ARG1 . "relaxation_means.csv"
rhos = "'from 0 to 1' '1 throughout' '0 throughout'"
rho(i) = (stringcolumn("rho") eq word(rhos, i) ? column("epoch") : NaN)
set xlabel "epoch"
set xrange [0.7:*]
set yrange [0:*]
set title "ρ and the training loss (B Suppl. B)"
set ylabel "training loss"
set key top right
set xtics 1
plot for [i=1:3] data using (rho(i)):"training_loss":"training_loss_lower_95":"training_loss_upper_95" with yerrorlines lt i title "ρ " . word(rhos, i)
set title "ρ and the test error"
set ylabel "test error, %" offset 0.5
plot for [i=1:3] data using (rho(i)):"test_error_percent":"test_error_percent_lower_95":"test_error_percent_upper_95" with yerrorlines lt i title "ρ " . word(rhos, i)
set xtics autofreq
data = ARG1 . "layer_means.csv"
trained(t) = (stringcolumn("is_trained") eq t ? column("layer") : NaN)
state(t) = (t eq "yes" ? "trained" : "at the start")
set key bottom right font ",11"
set xlabel "layer"
set xrange [0.7:6.3]
set yrange [0:103]
set title "zeros of a plain network (R Sec. IV)"
set ylabel "zeros, %" offset 0.5
plot for [t in "no yes"] data using (trained(t)):"zeros_percent":"zeros_percent_lower_95":"zeros_percent_upper_95" with yerrorlines title state(t)
set title "one iteration a layer (R Sec. IV)"
set ylabel "distance, relative"
set yrange [0.1:1000]
set logscale y
set key top right
plot for [t in "no yes"] data using (trained(t)):"distance_from_optimum":"distance_from_optimum_lower_95":"distance_from_optimum_upper_95" with yerrorlines title state(t), \
  data using (trained("yes")):"distance_of_layer_alone":"distance_of_layer_alone_lower_95":"distance_of_layer_alone_upper_95" with yerrorlines lt 3 dt 2 title "trained, the layer alone"
data = ARG1 . "times.csv"
set title "a training step, round by round"
set ylabel "seconds"
set xlabel "round"
set logscale y
set yrange [*:*]
# Room for the legend.
stats data using "round" nooutput
set xrange [0.5:2.1 * STATS_max]
set xtics 4
set key top right font ",10"
nets = "feed-forward ml-csc-ista ml-csc-fista msdnet msd-csc-ista msd-csc-fista resnet res-csc"
net(i) = (stringcolumn("network") eq word(nets, i) ? column("round") : NaN)
plot for [i=1:8] data using (net(i)):"seconds" with linespoints lt i ps 0.5 title word(nets, i)
unset logscale y
unset multiplot

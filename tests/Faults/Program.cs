using PSSecureChat.Faults;
using PSSecureChat.Faults.Files;
using PSSecureChat.Faults.Fuzz;
using PSSecureChat.Faults.Kill;
using PSSecureChat.Faults.Proxy;
using PSSecureChat.Faults.Simulation;
using PSSecureChat.Faults.Stalls;

if (args is [ChildProcess.Argument, string name, string folder, string port])
{
    await Child.RunAsync(name, folder, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), Console.In, Console.Out);
    return 0;
}

if (Options.Parse(args) is not Options options || options.Command is not ("kill" or "files" or "proxy" or "simulate" or "fuzz"))
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

if (options.Stalls > 0 && !Stall.IsOn)
{
    return await StallWeaver.RunAsync(args, options.Stalls, Console.Out);
}

Console.WriteLine($"seed {options.Seed}");
if (options.Command == "fuzz")
{
    return FuzzRun.Run(options, Console.Out) ? 0 : 1;
}

Summary summary = options.Command switch
{
    "kill" => await KillRun.RunAsync(options.Rounds, options.Seed, Console.Out),
    "files" => await FileRun.RunAsync(options.Rounds, options.Seed, options.Bytes * 1024L * 1024, options.Kills, Console.Out),
    "proxy" => await ProxyRun.RunAsync(options.Rounds, options.Seed, Console.Out),
    _ => await SimulationRun.RunAsync(options.Rounds, options.Seed, Console.Out),
};
Console.WriteLine(summary);
return summary.IsGood ? 0 : 1;

using System.Text;
using PSSecureChat.Terminal.Hosting;
using PSSecureChat.Terminal.Prompt;

namespace PSSecureChat.Terminal;

internal static class Program
{
    private static int Main(string[] args)
    {
        // Before anything of PowerShell is touched: it would leave an id in the user's cache folder, for telemetry this program does not send.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        if (!CommandLine.TryParse(args, out CommandLine? commandLine, out string? complaint))
        {
            Console.Error.WriteLine(complaint);
            return 64; // EX_USAGE of sysexits.h
        }

        if (commandLine.Mode == RunMode.Help)
        {
            Console.Out.WriteLine(CommandLine.Usage);
            return 0;
        }

        int exitCode = Run(commandLine);

        // Not `return`: a thread that some module left running in the foreground must not keep the process alive.
        Environment.Exit(exitCode);
        return exitCode;
    }

    private static int Run(CommandLine commandLine)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = Encoding.UTF8; // elsewhere terminals speak UTF-8 anyway
        }

        Output output = new();
        string? manifest = ModuleLocator.Find();
        if (manifest is null)
        {
            output.WriteLine($"{ModuleLocator.ManifestName} was not found in {AppContext.BaseDirectory} or any folder above it.", Tone.Error);
            return 70; // EX_SOFTWARE
        }

        bool atTerminal = !Console.IsInputRedirected && !Console.IsOutputRedirected;
        using ILineReader reader = atTerminal ? new Editing.EditorReader(output) : new PipeReader(output);
        using Session session = new(output, reader, manifest);
        ConsoleCancelEventHandler onCancel = (_, cancel) =>
        {
            cancel.Cancel = true; // Ctrl+C ends the command that runs, never the console
            session.Stop();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            return commandLine.Mode switch
            {
                RunMode.Script => session.RunScript(commandLine.Text),
                RunMode.Command => session.RunCommand(commandLine.Text),
                _ => new PromptLoop(session, reader, output).Run(commandLine.Text),
            };
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }
    }
}

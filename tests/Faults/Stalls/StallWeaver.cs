using System.Diagnostics;
using System.Globalization;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace PSSecureChat.Faults.Stalls;

/// <summary>
/// Runs a command with an engine whose threads are held up at random: a copy of this program, in which conversations, store and
/// files tell <see cref="Stall.Here"/> of each call they have made and each field they have set. What two threads can do to each other only when one is
/// held up between two lines is so rare otherwise that thousands of rounds do not meet it.
/// </summary>
internal static class StallWeaver
{
    private static readonly string[] s_spared = ["PSSecureChat.Engine.Noise", "PSSecureChat.Engine.Wire", "PSSecureChat.Engine.Identity"]; // of one thread each

    /// <summary>Runs it in a process of its own.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, int oneIn, TextWriter output)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pssc-stalls-");
        try
        {
            Copy(AppContext.BaseDirectory, folder.FullName);
            int places = Weave(Path.Combine(AppContext.BaseDirectory, "PSSecureChat.Engine.dll"), Path.Combine(folder.FullName, "PSSecureChat.Engine.dll"));
            await output.WriteLineAsync(FormattableString.Invariant($"of {places} places where threads may be held up one in {oneIn} is hot at a time"));
            ProcessStartInfo start = new(Kill.ChildProcess.Dotnet(), [Path.Combine(folder.FullName, Path.GetFileName(typeof(StallWeaver).Assembly.Location)), .. arguments]) { RedirectStandardOutput = true };
            start.Environment[Stall.Variable] = oneIn.ToString(CultureInfo.InvariantCulture);
            using Process process = Process.Start(start)!;
            while (await process.StandardOutput.ReadLineAsync() is string line)
            {
                await output.WriteLineAsync(line);
            }

            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Weave(string from, string to)
    {
        using AssemblyDefinition engine = AssemblyDefinition.ReadAssembly(from);
        MethodReference here = engine.MainModule.ImportReference(typeof(Stall).GetMethod(nameof(Stall.Here)));
        int places = 0;
        foreach (MethodDefinition method in engine.MainModule.GetAllTypes().Where(IsWoven).SelectMany(static type => type.Methods).Where(static method => method.HasBody))
        {
            Weave(method.Body, here, ref places);
        }

        engine.Write(to);
        return places;
    }

    private static bool IsWoven(TypeDefinition type) => type.DeclaringType is null ? !s_spared.Contains(type.Namespace) : IsWoven(type.DeclaringType);

    private static void Weave(MethodBody body, MethodReference here, ref int places)
    {
        body.SimplifyMacros(); // what is put in lies between a jump and its end
        ILProcessor code = body.GetILProcessor();
        Instruction[] passed = [.. body.Instructions.Where(static instruction => instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Stfld or Code.Stsfld)];
        foreach (Instruction instruction in passed)
        {
            code.InsertAfter(instruction, code.Create(OpCodes.Call, here));
            code.InsertAfter(instruction, code.Create(OpCodes.Ldc_I4, places++));
        }

        body.OptimizeMacros();
    }

    private static void Copy(string from, string to)
    {
        foreach (string folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}

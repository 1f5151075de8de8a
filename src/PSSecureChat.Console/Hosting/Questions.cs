using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace PSSecureChat.Terminal.Hosting;

/// <summary>The questions a command may ask: missing parameters, choices, credentials.</summary>
internal sealed class Questions(Output output, ILineReader reader)
{
    public string Ask() => Answer(reader.ReadAnswer(output.TakeUnfinished()));

    public SecureString AskSecret() => Secure(Answer(reader.ReadSecret(output.TakeUnfinished())));

    public Dictionary<string, PSObject> AskFields(string caption, string message, Collection<FieldDescription> fields)
    {
        Explain(caption, message);
        Dictionary<string, PSObject> answers = [];
        foreach (FieldDescription field in fields)
        {
            answers[field.Name] = PSObject.AsPSObject(AskField(field));
        }

        return answers;
    }

    public int AskChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Explain(caption, message);
        string offer = string.Join("  ", choices.Select(static choice => $"[{Key(choice)}] {Label(choice)}"));
        while (true)
        {
            string standard = defaultChoice >= 0 ? $" (default is \"{Key(choices[defaultChoice])}\")" : string.Empty;
            output.Write($"{offer}{standard}: ");
            string answer = Ask().Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            int chosen = choices.ToList().FindIndex(choice =>
                answer.Equals(Key(choice), StringComparison.OrdinalIgnoreCase) || answer.Equals(Label(choice), StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
            {
                return chosen;
            }
        }
    }

    public PSCredential AskCredential(string caption, string message, string? userName)
    {
        Explain(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            output.Write("User: ");
            userName = Ask();
        }

        output.Write($"Password for {userName}: ");
        return new PSCredential(userName, AskSecret());
    }

    private object? AskField(FieldDescription field)
    {
        string name = string.IsNullOrEmpty(field.Label) ? field.Name : field.Label.Replace("&", string.Empty, StringComparison.Ordinal);
        Type type = LanguagePrimitives.TryConvertTo(field.ParameterAssemblyFullName, out Type known) ? known : typeof(string);
        if (field.ParameterTypeName == nameof(SecureString))
        {
            output.Write($"{name}: ");
            return AskSecret();
        }

        if (!type.IsArray)
        {
            output.Write($"{name}: ");
            return Ask(); // the binder converts it, and complains in its own words
        }

        List<string> items = [];
        while (true)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}[{items.Count}]: "));
            string item = Ask();
            if (item.Length == 0)
            {
                return items.ToArray();
            }

            items.Add(item);
        }
    }

    private void Explain(string caption, string message)
    {
        foreach (string line in new[] { caption, message }.Where(static line => !string.IsNullOrWhiteSpace(line)))
        {
            output.WriteLine(line);
        }
    }

    // The end of the input or Ctrl+C at a question ends the command that asked.
    private static string Answer(string? line) => line ?? throw new PipelineStoppedException();

    private static SecureString Secure(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
        {
            secret.AppendChar(c);
        }

        secret.MakeReadOnly();
        return secret;
    }

    private static string Label(ChoiceDescription choice) => choice.Label.Replace("&", string.Empty, StringComparison.Ordinal);

    private static string Key(ChoiceDescription choice)
    {
        int mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label[mark + 1].ToString().ToUpperInvariant() : Label(choice);
    }
}

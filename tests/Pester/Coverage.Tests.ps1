# Every exported cmdlet has a Describe of its name, in which something succeeds, bad input is refused, the pipeline is used
# and Tab is pressed. Its help and the examples in it are tested for all alike in Help.Tests.ps1.

BeforeDiscovery {
    $cmdlets = (Import-PowerShellDataFile $PSScriptRoot/../../PSSecureChat.psd1).CmdletsToExport
}

BeforeAll {
    $tags = @{}
    foreach ($file in Get-ChildItem $PSScriptRoot/*.Tests.ps1) {
        $script = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $null)
        foreach ($describe in $script.FindAll({ $args[0].CommandElements.Value -and $args[0].GetCommandName() -eq 'Describe' }, $false)) {
            $its = $describe.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -eq 'It' }, $true)
            $tags[[string] $describe.CommandElements[1].Value] += @($its | ForEach-Object {
                $elements = $_.CommandElements
                $index = 0..($elements.Count - 1) | Where-Object { $elements[$_].ParameterName -eq 'Tag' }
                if ($null -ne $index) { $elements[$index + 1].Extent.Text -split ',\s*' }
            })
        }
    }
}

Describe 'The suite' {
    It 'tests <_> in all respects' -ForEach $cmdlets {
        $tags.Keys | Should -Contain $_
        foreach ($respect in 'Success', 'BadInput', 'Pipeline', 'Tab') { $tags[$_] | Should -Contain $respect }
    }
}
